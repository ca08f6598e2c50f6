FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-libvirt-exporter"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/inovex/prometheus-libvirt-exporter/releases/download/v2.6.0/prometheus-libvirt-exporter-2.6.0.linux-amd64.tar.gz; \
    echo "1820ace3d38feebaf35ef2823ada1e95b538a080074c3f362caf39a7d3e39e91  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt; \
    install -m 0755 "$(find . -type f -name prometheus-libvirt-exporter)" /opt/libvirt-exporter; \
    cd /; rm -r /run/release
