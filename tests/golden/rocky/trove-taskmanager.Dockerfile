FROM kolla/trove-base:golden
LABEL maintainer="Kollage" name="trove-taskmanager"
USER trove
