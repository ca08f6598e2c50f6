FROM kolla/congress-base:golden
LABEL maintainer="Kollage" name="congress-datasource"
USER congress
