FROM kolla/ovsdpdk:golden
LABEL maintainer="Kollage" name="ovsdpdk-vswitchd"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_ovsdpdk_extend_start
