FROM kolla/vitrage-base:golden
LABEL maintainer="Kollage" name="vitrage-graph"
USER vitrage
