FROM kolla/solum-base:golden
LABEL maintainer="Kollage" name="solum-conductor"
USER solum
