FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="ironic-neutron-agent"
USER neutron
