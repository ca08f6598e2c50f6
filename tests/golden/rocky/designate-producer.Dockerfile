FROM kolla/designate-base:golden
LABEL maintainer="Kollage" name="designate-producer"
USER designate
