FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="monasca-base"
RUN usermod --append --groups kolla --home /var/lib/monasca monasca \
    && install -d -o 42431 -g 42431 /var/lib/monasca
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
