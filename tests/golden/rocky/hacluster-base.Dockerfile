FROM kolla/base:golden
LABEL maintainer="Kollage" name="hacluster-base"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
