FROM kolla/vitrage-base:golden
LABEL maintainer="Kollage" name="vitrage-persistor"
USER vitrage
