FROM kolla/panko-base:golden
LABEL maintainer="Kollage" name="panko-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_panko_extend_start
USER panko
