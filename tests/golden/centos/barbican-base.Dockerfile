FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="barbican-base"
RUN usermod --append --groups kolla,nfast,hsmusers --home /var/lib/barbican barbican \
    && install -d -o 42403 -g 42403 /var/lib/barbican
ADD barbican-base-archive /barbican-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s barbican-base-source/* /barbican; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /barbican python-barbicanclient; \
    mkdir -p /etc/barbican; cp -r /barbican/etc/barbican/. /etc/barbican/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /barbican/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 barbican_sudoers /etc/sudoers.d/kolla_barbican_sudoers
