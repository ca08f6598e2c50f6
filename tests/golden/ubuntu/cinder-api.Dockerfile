FROM kolla/cinder-base:golden
LABEL maintainer="Kollage" name="cinder-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_cinder_extend_start
