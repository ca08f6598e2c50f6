FROM kolla/octavia-base:golden
LABEL maintainer="Kollage" name="octavia-housekeeping"
USER octavia
