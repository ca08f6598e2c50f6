FROM kolla/ironic-base:golden
LABEL maintainer="Kollage" name="ironic-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_ironic_extend_start
