FROM kolla/mistral-base:golden
LABEL maintainer="Kollage" name="mistral-event-engine"
USER mistral
