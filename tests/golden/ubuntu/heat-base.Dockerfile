FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="heat-base"
RUN usermod --append --groups kolla --home /var/lib/heat heat \
    && install -d -o 42418 -g 42418 /var/lib/heat
ADD heat-base-archive /heat-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s heat-base-source/* /heat; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /heat; \
    mkdir -p /etc/heat; cp -r /heat/etc/heat/. /etc/heat/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /heat/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN find /var/lib/kolla/venv/etc/pycadf -name heat_api_audit_map.conf -exec cp -t /etc/heat {} +
