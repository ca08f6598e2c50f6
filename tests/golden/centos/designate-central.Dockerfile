FROM kolla/designate-base:golden
LABEL maintainer="Kollage" name="designate-central"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_designate_extend_start
USER designate
