FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="kuryr-base"
RUN usermod --append --groups kolla --home /var/lib/kuryr kuryr \
    && install -d -o 42469 -g 42469 /var/lib/kuryr
ADD kuryr-base-archive /kuryr-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s kuryr-base-source/* /kuryr; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /kuryr; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /kuryr/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
