FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-blackbox-exporter"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install libcap \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0755 blackbox_exporter.sh /opt/blackbox_exporter/blackbox_exporter
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/prometheus/blackbox_exporter/releases/download/v0.28.0/blackbox_exporter-0.28.0.linux-amd64.tar.gz; \
    echo "caf5d242fb1cf6d5cb678f3f799f22703d4fafea26b03dcbbd7e1f1825e06329  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt/blackbox_exporter; \
    install -m 0755 "$(find . -type f -name blackbox_exporter)" /opt/blackbox_exporter/exporter; \
    cd /; rm -r /run/release
RUN cd /opt/blackbox_exporter && cp --dereference exporter exporter-raw && setcap cap_net_raw+ep exporter-raw
USER prometheus
