FROM kolla/karbor-base:golden
LABEL maintainer="Kollage" name="karbor-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_karbor_extend_start
USER karbor
