FROM kolla/gnocchi-base:golden
LABEL maintainer="Kollage" name="gnocchi-statsd"
USER gnocchi
