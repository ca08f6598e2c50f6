FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-mysqld-exporter"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/prometheus/mysqld_exporter/releases/download/v0.20.0/mysqld_exporter-0.20.0.linux-amd64.tar.gz; \
    echo "5773496e9962ca3817b3599fe4d74f218c95c1295eb2a742462df8e035fe51bd  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt/mysqld_exporter; \
    install -m 0755 "$(find . -type f -name mysqld_exporter)" /opt/mysqld_exporter/mysqld_exporter; \
    cd /; rm -r /run/release
USER prometheus
