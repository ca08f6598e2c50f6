FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="vmtp"
RUN usermod --append --groups kolla --home /var/lib/vmtp vmtp \
    && install -d -o 42450 -g 42450 /var/lib/vmtp
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-bullseye-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-bullseye-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends openssh-client python2.7 \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
COPY requirements.txt /run/python27/requirements.txt
RUN dpkg-query --show --showformat '${Package}\n' > /run/python27/packages
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-bullseye-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-bullseye-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends gcc libc6-dev libffi-dev libssl-dev python2.7-dev \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; cd /run/python27; \
    echo "pip==20.3.4 --hash=sha256:217ae5161a0e08c0fb873858806e3478c9775caffce5168b50ec885e358c199d" > pip.txt; \
    echo "setuptools==44.1.1 --hash=sha256:27a714c09253134e60a6fa68130f78c7037e5562c4f21f8f318f2ae900d152d5" > tools.txt; \
    echo "wheel==0.37.1 --hash=sha256:4bdcd7d840138086126cd09254dc6195fb4fc6f01c050a1d7236f2630db1d22a" >> tools.txt; \
    $uv pip install --no-deps --require-hashes --target /run/python27/pip --requirement pip.txt; \
    for list in tools requirements; do PYTHONPATH=/run/python27/pip python2.7 -m pip --no-cache-dir install --no-deps \
    --no-build-isolation --require-hashes --requirement $list.txt; done; \
    dpkg-query --show --showformat '${Package}\n' | grep -Fxv -f packages \
    | DEBIAN_FRONTEND=noninteractive xargs apt-get -qy -o Dpkg::Use-Pty=0 purge; \
    rm -rf /run/python27 /var/lib/kolla/venv/.lock /tmp/uv-*.lock \
    /var/cache/apt/* /var/log/apt /var/log/dpkg.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
USER vmtp
