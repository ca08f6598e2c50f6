FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="venus-base"
RUN usermod --append --groups kolla --home /var/lib/venus venus \
    && install -d -o 42489 -g 42489 /var/lib/venus
ADD venus-base-archive /venus-base-source
COPY --chmod=0644 upper-constraints.txt /requirements/upper-constraints.txt
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s venus-base-source/* /venus; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /venus; \
    mkdir -p /etc/venus; cp -r /venus/etc/venus/. /etc/venus/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /venus/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN rm -f /etc/venus/venus.conf \
    && sed -i "s|^exec_dirs=|&/var/lib/kolla/venv/bin,|" /etc/venus/rootwrap.conf \
    && cd /var/lib/kolla/venv/lib/python3/site-packages/venus/db/alembic/versions \
    && sed -i 's|^down_revision = .*|down_revision = None|' a6cf98f55b4d_.py \
    && sed -i -e 's|^down_revision = .*|down_revision = "a6cf98f55b4d"|' -e "s|'t_mo_regitster_task'|'t_mo_custom_config'|" a6cf98f55b4e_.py
