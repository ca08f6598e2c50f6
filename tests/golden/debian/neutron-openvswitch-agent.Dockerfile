FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-openvswitch-agent"
USER neutron
