FROM kolla/base:golden
LABEL maintainer="Kollage" name="redis-base"
RUN usermod --append --groups kolla --home /run/redis redis \
    && install -d -o 42460 -g 42460 /run/redis
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
