FROM kolla/mistral-base:golden
LABEL maintainer="Kollage" name="mistral-engine"
USER mistral
