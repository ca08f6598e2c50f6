FROM kolla/murano-base:golden
LABEL maintainer="Kollage" name="murano-api"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_murano_extend_start
USER murano
