FROM kolla/senlin-base:golden
LABEL maintainer="Kollage" name="senlin-engine"
USER senlin
