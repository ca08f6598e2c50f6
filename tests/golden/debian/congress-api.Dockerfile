FROM kolla/congress-base:golden
LABEL maintainer="Kollage" name="congress-api"
USER congress
