FROM kolla/solum-base:golden
LABEL maintainer="Kollage" name="solum-worker"
USER solum
