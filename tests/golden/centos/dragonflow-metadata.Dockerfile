FROM kolla/dragonflow-base:golden
LABEL maintainer="Kollage" name="dragonflow-metadata"
USER dragonflow
