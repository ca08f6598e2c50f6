FROM kolla/trove-base:golden
LABEL maintainer="Kollage" name="trove-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_trove_extend_start
