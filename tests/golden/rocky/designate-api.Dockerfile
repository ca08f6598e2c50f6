FROM kolla/designate-base:golden
LABEL maintainer="Kollage" name="designate-api"
USER designate
