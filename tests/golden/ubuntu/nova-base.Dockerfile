FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="nova-base"
RUN usermod --append --groups kolla,qemu --home /var/lib/nova nova \
    && install -d -o 42436 -g 42436 /var/lib/nova
ADD nova-base-archive /nova-base-source
ADD plugins-archive /
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s nova-base-source/* /nova; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /nova blazar-nova; \
    if [ -n "$(ls /plugins)" ]; then $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /plugins/*; fi; \
    mkdir -p /etc/nova; cp -r /nova/etc/nova/. /etc/nova/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /nova/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 nova_sudoers /etc/sudoers.d/kolla_nova_sudoers
RUN cp /var/lib/kolla/venv/etc/pycadf/nova_api_audit_map.conf /etc/nova/
RUN sed -i -e "s|^exec_dirs=|&/var/lib/kolla/venv/bin,|" "/etc/nova/rootwrap.conf"
