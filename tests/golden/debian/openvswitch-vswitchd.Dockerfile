FROM kolla/openvswitch-base:golden
LABEL maintainer="Kollage" name="openvswitch-vswitchd"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_openvswitch_extend_start
