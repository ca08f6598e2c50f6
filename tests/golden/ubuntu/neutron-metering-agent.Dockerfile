FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-metering-agent"
USER neutron
