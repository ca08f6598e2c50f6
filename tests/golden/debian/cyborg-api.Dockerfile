FROM kolla/cyborg-base:golden
LABEL maintainer="Kollage" name="cyborg-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_cyborg_extend_start
