FROM kolla/nova-base:golden
LABEL maintainer="Kollage" name="nova-conductor"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_nova_extend_start
USER nova
