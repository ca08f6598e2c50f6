FROM kolla/base:golden
LABEL maintainer="Kollage" name="rsyslog"
RUN usermod --append --groups kolla --home /var/lib/fluentd fluentd \
    && install -d -o 42474 -g 42474 /var/lib/fluentd
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install rsyslog \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
USER fluentd
