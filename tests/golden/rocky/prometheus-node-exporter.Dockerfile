FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-node-exporter"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/prometheus/node_exporter/releases/download/v1.12.1/node_exporter-1.12.1.linux-amd64.tar.gz; \
    echo "b51d8a76aa2a9156a55d501aca6276fae09e262259a5e4e831d2c2222f084e63  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt/node_exporter; \
    install -m 0755 "$(find . -type f -name node_exporter)" /opt/node_exporter/node_exporter; \
    cd /; rm -r /run/release
USER prometheus
