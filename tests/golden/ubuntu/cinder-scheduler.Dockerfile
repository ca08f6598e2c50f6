FROM kolla/cinder-base:golden
LABEL maintainer="Kollage" name="cinder-scheduler"
USER cinder
