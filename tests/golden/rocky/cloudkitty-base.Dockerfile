FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="cloudkitty-base"
RUN usermod --append --groups kolla --home /var/lib/cloudkitty cloudkitty \
    && install -d -o 42408 -g 42408 /var/lib/cloudkitty
ADD cloudkitty-base-archive /cloudkitty-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s cloudkitty-base-source/* /cloudkitty; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /cloudkitty; \
    mkdir -p /etc/cloudkitty; cp -r /cloudkitty/etc/cloudkitty/. /etc/cloudkitty/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /cloudkitty/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
