FROM kolla/ceilometer-base:golden
LABEL maintainer="Kollage" name="ceilometer-notification"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_ceilometer_extend_start
USER ceilometer
