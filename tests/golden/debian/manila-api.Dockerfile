FROM kolla/manila-base:golden
LABEL maintainer="Kollage" name="manila-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_manila_extend_start
USER manila
