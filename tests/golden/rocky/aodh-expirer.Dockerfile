FROM kolla/aodh-base:golden
LABEL maintainer="Kollage" name="aodh-expirer"
USER aodh
