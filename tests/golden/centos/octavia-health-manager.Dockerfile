FROM kolla/octavia-base:golden
LABEL maintainer="Kollage" name="octavia-health-manager"
USER octavia
