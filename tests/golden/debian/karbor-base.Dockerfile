FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="karbor-base"
RUN groupadd --gid 42458 karbor && useradd --no-log-init --no-create-home --shell /usr/sbin/nologin --uid 42458 --gid 42458 karbor && usermod --append --groups kolla --home /var/lib/karbor karbor \
    && install -d -o 42458 -g 42458 /var/lib/karbor
ADD karbor-base-archive /karbor-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s karbor-base-source/* /karbor; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /karbor; \
    mkdir -p /etc/karbor; cp -r /karbor/etc/. /etc/karbor/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /karbor/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN rm -r /etc/karbor/apache2
