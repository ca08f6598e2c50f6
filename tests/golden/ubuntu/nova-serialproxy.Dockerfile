FROM kolla/nova-base:golden
LABEL maintainer="Kollage" name="nova-serialproxy"
USER nova
