FROM kolla/masakari-base:golden
LABEL maintainer="Kollage" name="masakari-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_masakari_extend_start
