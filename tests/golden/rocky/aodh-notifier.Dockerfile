FROM kolla/aodh-base:golden
LABEL maintainer="Kollage" name="aodh-notifier"
USER aodh
