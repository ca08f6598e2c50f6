FROM kolla/barbican-base:golden
LABEL maintainer="Kollage" name="barbican-worker"
USER barbican
