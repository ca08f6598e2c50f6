FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="tacker-base"
RUN usermod --append --groups kolla --home /var/lib/tacker tacker \
    && install -d -o 42446 -g 42446 /var/lib/tacker
ADD tacker-base-archive /tacker-base-source
ADD plugins-archive /
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s tacker-base-source/* /tacker; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /tacker; \
    if [ -n "$(ls /plugins)" ]; then $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /plugins/*; fi; \
    mkdir -p /etc/tacker; cp -r /tacker/etc/tacker/. /etc/tacker/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /tacker/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN sed -i -E "/tacker.openstack.common|mgmt_drivers.noop/d" /var/lib/kolla/venv/lib/python3/site-packages/tacker-*.dist-info/entry_points.txt
RUN install -d -o tacker -g tacker /etc/tacker/vim /var/lib/tacker/csar_files /var/lib/tacker/vnfpackages
