FROM kolla/mistral-base:golden
LABEL maintainer="Kollage" name="mistral-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_mistral_extend_start
