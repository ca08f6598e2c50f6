FROM kolla/aodh-base:golden
LABEL maintainer="Kollage" name="aodh-listener"
USER aodh
