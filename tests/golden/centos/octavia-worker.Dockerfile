FROM kolla/octavia-base:golden
LABEL maintainer="Kollage" name="octavia-worker"
USER octavia
