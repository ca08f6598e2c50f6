FROM kolla/tacker-base:golden
LABEL maintainer="Kollage" name="tacker-conductor"
USER tacker
