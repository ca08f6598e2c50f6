FROM kolla/base:golden
LABEL maintainer="Kollage" name="rabbitmq"
RUN usermod --append --groups kolla --home /var/lib/rabbitmq rabbitmq \
    && install -d -o 42439 -g 42439 /var/lib/rabbitmq
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --enablerepo=crb --repofrompath='erlang,https://yum1.rabbitmq.com/erlang/el/9/$basearch' --setopt=erlang.gpgcheck=1 --setopt='erlang.gpgkey=https://github.com/rabbitmq/signing-keys/releases/download/3.0/cloudsmith.rabbitmq-erlang.E495BB49CC4BBE5B.key' --repofrompath='rabbitmq,https://yum1.rabbitmq.com/rabbitmq/el/9/noarch' --setopt=rabbitmq.gpgcheck=1 --setopt='rabbitmq.gpgkey=https://github.com/rabbitmq/signing-keys/releases/download/3.0/rabbitmq-release-signing-key.asc' install erlang-27.* rabbitmq-server-4.3.* \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN rm -rf /var/lib/rabbitmq/* /var/lib/rabbitmq/.erlang.cookie
RUN rabbitmq-plugins enable --offline rabbitmq_management rabbitmq_prometheus
COPY --chmod=0755 healthcheck_rabbitmq /usr/local/bin/healthcheck_rabbitmq
USER rabbitmq
