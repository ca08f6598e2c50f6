FROM kolla/senlin-base:golden
LABEL maintainer="Kollage" name="senlin-health-manager"
USER senlin
