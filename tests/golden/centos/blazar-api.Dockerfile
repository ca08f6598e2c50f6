FROM kolla/blazar-base:golden
LABEL maintainer="Kollage" name="blazar-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_blazar_extend_start
USER blazar
