FROM kolla/solum-base:golden
LABEL maintainer="Kollage" name="solum-deployer"
USER solum
