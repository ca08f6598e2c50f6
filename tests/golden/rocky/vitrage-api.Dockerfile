FROM kolla/vitrage-base:golden
LABEL maintainer="Kollage" name="vitrage-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_vitrage_extend_start
