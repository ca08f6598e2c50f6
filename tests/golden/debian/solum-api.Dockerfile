FROM kolla/solum-base:golden
LABEL maintainer="Kollage" name="solum-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_solum_extend_start
USER solum
