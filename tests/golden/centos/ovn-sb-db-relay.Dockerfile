FROM kolla/ovn-sb-db-server:golden
LABEL maintainer="Kollage" name="ovn-sb-db-relay"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_ovn_extend_start
