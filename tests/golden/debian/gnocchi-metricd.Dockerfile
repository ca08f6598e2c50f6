FROM kolla/gnocchi-base:golden
LABEL maintainer="Kollage" name="gnocchi-metricd"
USER gnocchi
