FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-metadata-agent"
USER neutron
