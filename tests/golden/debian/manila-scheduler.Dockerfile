FROM kolla/manila-base:golden
LABEL maintainer="Kollage" name="manila-scheduler"
USER manila
