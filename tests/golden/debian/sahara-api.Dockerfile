FROM kolla/sahara-base:golden
LABEL maintainer="Kollage" name="sahara-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_sahara_extend_start
USER sahara
