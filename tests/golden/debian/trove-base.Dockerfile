FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="trove-base"
RUN usermod --append --groups kolla --home /var/lib/trove trove \
    && install -d -o 42449 -g 42449 /var/lib/trove
ADD trove-base-archive /trove-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s trove-base-source/* /trove; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /trove; \
    mkdir -p /etc/trove; cp -r /trove/etc/trove/. /etc/trove/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /trove/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN cp /var/lib/kolla/venv/etc/pycadf/trove_api_audit_map.conf /etc/trove/ \
    && rm -r /etc/trove/*.test /trove/doc /trove/integration
RUN cd /var/lib/kolla/venv/lib/python3/site-packages/trove \
    && sed -i "s/inspect\.getargspec/inspect.getfullargspec/" cmd/manage.py common/utils.py \
    && python3 -m compileall -q --invalidation-mode=unchecked-hash cmd/manage.py common/utils.py
