FROM kolla/base:golden
LABEL maintainer="Kollage" name="elasticsearch-curator"
RUN usermod --append --groups kolla --home /var/lib/elasticsearch elasticsearch \
    && install -d -o 42412 -g 42412 /var/lib/elasticsearch
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends cron \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
COPY --chmod=0644 upper-constraints.txt /requirements/upper-constraints.txt
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/curator; \
    $uv venv --quiet --system-site-packages /opt/curator; \
    ln -s python$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') /opt/curator/lib/python3; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt boto3 certifi click elasticsearch pyyaml requests requests-aws4auth six urllib3 voluptuous; \
    rm -rf /opt/curator/.lock /tmp/uv-*.lock
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/curator; \
    echo "elasticsearch-curator==5.8.4 --hash=sha256:012f4d880c15c3888ad810bc36c977174f39d0228bd8497986c33467a32e93c0" \
    | $uv pip install --no-deps --require-hashes --requirement -; \
    ln -s /opt/curator/bin/curator /usr/local/bin/curator; rm -f /opt/curator/.lock /tmp/uv-*.lock; \
    install -d -o elasticsearch -g elasticsearch /etc/elasticsearch-curator
