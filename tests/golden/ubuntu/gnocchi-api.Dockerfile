FROM kolla/gnocchi-base:golden
LABEL maintainer="Kollage" name="gnocchi-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_gnocchi_extend_start
