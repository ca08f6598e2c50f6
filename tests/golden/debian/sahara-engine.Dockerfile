FROM kolla/sahara-base:golden
LABEL maintainer="Kollage" name="sahara-engine"
USER sahara
