FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-dhcp-agent"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_neutron_extend_start
USER neutron
