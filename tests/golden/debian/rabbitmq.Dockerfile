FROM kolla/base:golden
LABEL maintainer="Kollage" name="rabbitmq"
RUN usermod --append --groups kolla --home /var/lib/rabbitmq rabbitmq \
    && install -d -o 42439 -g 42439 /var/lib/rabbitmq
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends logrotate rabbitmq-server \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN rm -rf /var/lib/rabbitmq/* /var/lib/rabbitmq/.erlang.cookie
RUN rabbitmq-plugins enable --offline rabbitmq_management rabbitmq_prometheus
COPY --chmod=0755 healthcheck_rabbitmq /usr/local/bin/healthcheck_rabbitmq
USER rabbitmq
