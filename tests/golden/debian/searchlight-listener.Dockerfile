FROM kolla/searchlight-base:golden
LABEL maintainer="Kollage" name="searchlight-listener"
USER searchlight
