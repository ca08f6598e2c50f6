FROM kolla/ironic-conductor:golden
LABEL maintainer="Kollage" name="ironic-prometheus-exporter"
ENV IRONIC_CONFIG=/etc/ironic/ironic.conf
USER root
