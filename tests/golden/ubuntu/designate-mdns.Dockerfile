FROM kolla/designate-base:golden
LABEL maintainer="Kollage" name="designate-mdns"
USER designate
