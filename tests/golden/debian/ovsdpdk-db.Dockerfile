FROM kolla/ovsdpdk:golden
LABEL maintainer="Kollage" name="ovsdpdk-db"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_ovsdpdk_extend_start
COPY --chmod=0755 start_ovsdb_server.sh /usr/local/bin/start-ovsdb-server
