FROM kolla/tacker-base:golden
LABEL maintainer="Kollage" name="tacker-server"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_tacker_extend_start
USER tacker
