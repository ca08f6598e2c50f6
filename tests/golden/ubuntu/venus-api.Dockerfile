FROM kolla/venus-base:golden
LABEL maintainer="Kollage" name="venus-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_venus_extend_start
USER venus
