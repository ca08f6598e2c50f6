FROM kolla/redis-base:golden
LABEL maintainer="Kollage" name="redis"
USER redis
