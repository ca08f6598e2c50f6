FROM kolla/senlin-base:golden
LABEL maintainer="Kollage" name="senlin-conductor"
USER senlin
