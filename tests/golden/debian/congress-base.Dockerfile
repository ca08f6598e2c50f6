FROM kolla/openstack-base:golden AS wheels
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-bullseye-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-bullseye-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends gcc libc6-dev libpq-dev python3-dev \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; export CFLAGS="-O1 -g0"; echo psycopg2 | xargs -n 1 -P 4 \
    sh -c 'sed -n "/^$0==/,/[^\\\\]$/p" /requirements/upper-constraints.txt > "/run/$0.txt" \
    && /var/lib/kolla/venv/bin/python -m pip --cache-dir /run/kollage/cache/pip wheel --no-deps --wheel-dir /wheels \
    --requirement "/run/$0.txt"'
FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="congress-base"
RUN usermod --append --groups kolla --home /var/lib/congress congress \
    && install -d -o 42410 -g 42410 /var/lib/congress
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-bullseye-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-bullseye-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends libpq5 \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD congress-base-archive /congress-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache --mount=type=bind,from=wheels,source=/wheels,target=/run/kollage/wheels \
    set -e; ln -s congress-base-source/* /congress; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --no-deps /run/kollage/wheels/*.whl; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /congress; \
    mkdir -p /etc/congress; cp -r /congress/etc/. /etc/congress/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /congress/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
