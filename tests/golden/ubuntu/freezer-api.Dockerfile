FROM kolla/freezer-base:golden
LABEL maintainer="Kollage" name="freezer-api"
ADD freezer-api-archive /freezer-api-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s freezer-api-source/* /freezer-api; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /freezer-api; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /freezer-api/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_freezer_extend_start
RUN install -D -m 0644 -t /etc/freezer /freezer-api/etc/freezer/freezer-paste.ini \
    && rm -r /freezer-api/releasenotes
USER freezer
