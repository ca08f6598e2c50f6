FROM kolla/redis-base:golden
LABEL maintainer="Kollage" name="redis-sentinel"
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
USER redis
