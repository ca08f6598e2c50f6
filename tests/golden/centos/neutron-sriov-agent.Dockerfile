FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-sriov-agent"
USER neutron
