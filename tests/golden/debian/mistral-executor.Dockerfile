FROM kolla/mistral-base:golden
LABEL maintainer="Kollage" name="mistral-executor"
USER mistral
