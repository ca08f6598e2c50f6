FROM kolla/freezer-base:golden
LABEL maintainer="Kollage" name="freezer-scheduler"
USER freezer
