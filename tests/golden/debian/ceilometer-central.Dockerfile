FROM kolla/ceilometer-base:golden
LABEL maintainer="Kollage" name="ceilometer-central"
USER ceilometer
