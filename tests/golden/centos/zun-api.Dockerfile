FROM kolla/zun-base:golden
LABEL maintainer="Kollage" name="zun-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_zun_extend_start
