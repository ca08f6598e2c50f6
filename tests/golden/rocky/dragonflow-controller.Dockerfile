FROM kolla/dragonflow-base:golden
LABEL maintainer="Kollage" name="dragonflow-controller"
USER dragonflow
