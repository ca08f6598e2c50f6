FROM kolla/dragonflow-base:golden
LABEL maintainer="Kollage" name="dragonflow-publisher-service"
USER dragonflow
