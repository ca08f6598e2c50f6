FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="zun-base"
RUN usermod --append --groups kolla --home /var/lib/zun zun \
    && install -d -o 42463 -g 42463 /var/lib/zun
ADD zun-base-archive /zun-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s zun-base-source/* /zun; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /zun; \
    mkdir -p /etc/zun; cp -r /zun/etc/zun/. /etc/zun/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /zun/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 zun_sudoers /etc/sudoers.d/kolla_zun_sudoers
RUN install -D -m 0644 -t /etc/cni/net.d /zun/etc/cni/net.d/10-zun-cni.conf
RUN sed -i -e "s|^exec_dirs=|&/var/lib/kolla/venv/bin,|" "/etc/zun/rootwrap.conf"
RUN sed -i "s/str(s)\.split('\.')\[1\]/s.name/" \
    /var/lib/kolla/venv/lib/python3/site-packages/zun/api/controllers/v1/schemas/parameter_types.py
