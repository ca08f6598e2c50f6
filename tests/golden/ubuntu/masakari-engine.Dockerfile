FROM kolla/masakari-base:golden
LABEL maintainer="Kollage" name="masakari-engine"
USER masakari
