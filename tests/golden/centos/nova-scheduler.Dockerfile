FROM kolla/nova-base:golden
LABEL maintainer="Kollage" name="nova-scheduler"
USER nova
