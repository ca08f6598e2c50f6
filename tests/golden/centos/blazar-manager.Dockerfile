FROM kolla/blazar-base:golden
LABEL maintainer="Kollage" name="blazar-manager"
USER blazar
