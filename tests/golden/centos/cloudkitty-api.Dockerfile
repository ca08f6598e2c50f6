FROM kolla/cloudkitty-base:golden
LABEL maintainer="Kollage" name="cloudkitty-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_cloudkitty_extend_start
