FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-ovn-agent"
USER neutron
