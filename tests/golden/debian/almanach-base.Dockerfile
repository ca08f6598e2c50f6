FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="almanach-base"
RUN usermod --append --groups kolla --home /var/lib/almanach almanach \
    && install -d -o 42475 -g 42475 /var/lib/almanach
ADD almanach-base-archive /almanach-base-source
COPY --chmod=0644 upper-constraints.txt /requirements/upper-constraints.txt
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s almanach-base-source/* /almanach; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /almanach; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /almanach/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
