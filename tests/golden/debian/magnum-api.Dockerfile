FROM kolla/magnum-base:golden
LABEL maintainer="Kollage" name="magnum-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_magnum_extend_start
USER magnum
