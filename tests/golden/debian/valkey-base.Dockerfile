FROM kolla/base:golden
LABEL maintainer="Kollage" name="valkey-base"
RUN usermod --append --groups kolla --home /run/valkey valkey \
    && install -d -o 42494 -g 42494 /run/valkey
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
