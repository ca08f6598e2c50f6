FROM kolla/aodh-base:golden
LABEL maintainer="Kollage" name="aodh-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_aodh_extend_start
