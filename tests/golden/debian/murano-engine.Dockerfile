FROM kolla/murano-base:golden
LABEL maintainer="Kollage" name="murano-engine"
USER murano
