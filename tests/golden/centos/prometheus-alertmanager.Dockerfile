FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-alertmanager"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/prometheus/alertmanager/releases/download/v0.34.1/alertmanager-0.34.1.linux-amd64.tar.gz; \
    echo "265b9d1e55ef0d5306a436018af6d2b686c2ce051f03d968f7464ecb1372a7e8  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt/prometheus_alertmanager; \
    install -m 0755 "$(find . -type f -name alertmanager)" /opt/prometheus_alertmanager/alertmanager; \
    install -m 0755 "$(find . -type f -name amtool)" /opt/prometheus_alertmanager/amtool; \
    cd /; rm -r /run/release
USER prometheus
