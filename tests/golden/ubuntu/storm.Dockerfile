FROM kolla/storm-base:golden
LABEL maintainer="Kollage" name="storm"
USER storm
