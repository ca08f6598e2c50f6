FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="skyline-base"
RUN usermod --append --groups kolla --home /var/lib/skyline skyline \
    && install -d -o 42491 -g 42491 /var/lib/skyline
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
