FROM kolla/base:golden
LABEL maintainer="Kollage" name="prometheus-base"
RUN usermod --append --groups kolla --home /var/lib/prometheus prometheus \
    && install -d -o 42472 -g 42472 /var/lib/prometheus
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
