FROM kolla/barbican-base:golden
LABEL maintainer="Kollage" name="barbican-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_barbican_extend_start
USER barbican
