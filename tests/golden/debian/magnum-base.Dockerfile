FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="magnum-base"
RUN usermod --append --groups kolla --home /var/lib/magnum magnum \
    && install -d -o 42428 -g 42428 /var/lib/magnum
ADD magnum-base-archive /magnum-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s magnum-base-source/* /magnum; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /magnum[osprofiler]; \
    mkdir -p /etc/magnum; cp -r /magnum/etc/magnum/. /etc/magnum/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /magnum/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN mv /etc/magnum/keystone_auth_default_policy.sample /etc/magnum/keystone_auth_default_policy.json
RUN sed -i -E "/magnum.opts:/d" /var/lib/kolla/venv/lib/python3/site-packages/magnum-*.dist-info/entry_points.txt
