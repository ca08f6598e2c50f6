FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-elasticsearch-exporter"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/prometheus-community/elasticsearch_exporter/releases/download/v1.11.0/elasticsearch_exporter-1.11.0.linux-amd64.tar.gz; \
    echo "2bebc50d6980578ad37a376000bc039485ceea129ae229f78baed3379db4f61c  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt/elasticsearch_exporter; \
    install -m 0755 "$(find . -type f -name elasticsearch_exporter)" /opt/elasticsearch_exporter/elasticsearch_exporter; \
    cd /; rm -r /run/release
USER prometheus
