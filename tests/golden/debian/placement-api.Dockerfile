FROM kolla/placement-base:golden
LABEL maintainer="Kollage" name="placement-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_placement_extend_start
