FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="ironic-base"
RUN usermod --append --groups kolla --home /var/lib/ironic --shell /bin/bash ironic \
    && install -d -o 42422 -g 42422 /var/lib/ironic
ADD ironic-base-archive /ironic-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s ironic-base-source/* /ironic; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /ironic[networking-generic-switch]; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /ironic/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 ironic_sudoers /etc/sudoers.d/kolla_ironic_sudoers
RUN mkdir -p /etc/ironic && find /var/lib/kolla/venv/etc/pycadf -name ironic_api_audit_map.conf -exec cp -t /etc/ironic {} +
