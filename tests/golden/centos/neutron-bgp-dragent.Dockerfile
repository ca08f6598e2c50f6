FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-bgp-dragent"
ADD neutron-bgp-dragent-archive /neutron-bgp-dragent-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s neutron-bgp-dragent-source/* /neutron_dynamic_routing; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /neutron_dynamic_routing; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /neutron_dynamic_routing/build
USER neutron
