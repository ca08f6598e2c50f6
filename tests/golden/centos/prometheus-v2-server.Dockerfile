FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-v2-server"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/prometheus/prometheus/releases/download/v2.55.1/prometheus-2.55.1.linux-amd64.tar.gz; \
    echo "19700bdd42ec31ee162e4079ebda4cd0a44432df4daa637141bdbea4b1cd8927  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt/prometheus; \
    install -m 0755 "$(find . -type f -name prometheus)" /opt/prometheus/prometheus; \
    install -m 0755 "$(find . -type f -name promtool)" /opt/prometheus/promtool; \
    cd /; rm -r /run/release
RUN install -d /etc/prometheus && install -d -o prometheus -g kolla /data
USER prometheus
