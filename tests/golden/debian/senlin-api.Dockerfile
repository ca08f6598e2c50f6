FROM kolla/senlin-base:golden
LABEL maintainer="Kollage" name="senlin-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_senlin_extend_start
USER senlin
