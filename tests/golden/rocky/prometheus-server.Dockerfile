FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-server"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/prometheus/prometheus/releases/download/v3.13.3/prometheus-3.13.3.linux-amd64.tar.gz; \
    echo "b349c732d8a853e657d0e7ae1bbad4d11b586615fb65fdc59d896b9f869c001e  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt/prometheus; \
    install -m 0755 "$(find . -type f -name prometheus)" /opt/prometheus/prometheus; \
    install -m 0755 "$(find . -type f -name promtool)" /opt/prometheus/promtool; \
    cd /; rm -r /run/release
RUN install -d /etc/prometheus && install -d -o prometheus -g kolla /data
USER prometheus
