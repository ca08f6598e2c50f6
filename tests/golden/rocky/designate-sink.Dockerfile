FROM kolla/designate-base:golden
LABEL maintainer="Kollage" name="designate-sink"
USER designate
