FROM kolla/searchlight-base:golden
LABEL maintainer="Kollage" name="searchlight-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_searchlight_extend_start
USER searchlight
