FROM kolla/barbican-base:golden
LABEL maintainer="Kollage" name="barbican-keystone-listener"
USER barbican
