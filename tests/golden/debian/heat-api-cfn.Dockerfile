FROM kolla/heat-base:golden
LABEL maintainer="Kollage" name="heat-api-cfn"
