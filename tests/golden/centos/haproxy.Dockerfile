FROM kolla/base:golden
LABEL maintainer="Kollage" name="haproxy"
RUN usermod --append --groups kolla --home /var/lib/haproxy haproxy \
    && install -d -o 42454 -g 42454 /var/lib/haproxy
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install haproxy \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0755 ensure_latest_config.sh /usr/local/bin/kolla_ensure_haproxy_latest_config
RUN install -d -o haproxy -g haproxy /etc/haproxy/certificates /var/lib/kolla/haproxy
