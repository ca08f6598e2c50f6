FROM kolla/heat-base:golden
LABEL maintainer="Kollage" name="heat-engine"
USER heat
