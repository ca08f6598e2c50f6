FROM kolla/prometheus-base:golden
LABEL maintainer="Kollage" name="prometheus-mtail"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; mkdir /run/release; cd /run/release; curl --output release.tar.gz https://github.com/jaqx0r/mtail/releases/download/v3.4.14/mtail_3.4.14_linux_amd64.tar.gz; \
    echo "a01c7713d97c8725067e3f6cf2a5dccccb7aee62c8af57ffcff3a658f48b1b29  release.tar.gz" | sha256sum --check --quiet; \
    tar -xzf release.tar.gz; install -d /opt; \
    install -m 0755 "$(find . -type f -name mtail)" /opt/mtail; \
    cd /; rm -r /run/release
