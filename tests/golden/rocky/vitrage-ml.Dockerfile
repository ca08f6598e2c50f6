FROM kolla/vitrage-base:golden
LABEL maintainer="Kollage" name="vitrage-ml"
USER vitrage
