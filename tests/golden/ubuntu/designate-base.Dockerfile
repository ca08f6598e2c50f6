FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="designate-base"
RUN usermod --append --groups kolla --home /var/lib/designate designate \
    && install -d -o 42411 -g 42411 /var/lib/designate
ADD designate-base-archive /designate-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s designate-base-source/* /designate; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /designate; \
    mkdir -p /etc/designate; cp -r /designate/etc/designate/. /etc/designate/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /designate/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 designate_sudoers /etc/sudoers.d/kolla_designate_sudoers
RUN cd /etc/designate && if [ -e rootwrap.conf.sample ]; then mv rootwrap.conf.sample rootwrap.conf; fi
RUN sed -i -e "s|^exec_dirs=|&/var/lib/kolla/venv/bin,|" "/etc/designate/rootwrap.conf"
RUN cd /etc/designate && rm pools.yaml.sample* rootwrap.d/djbdns.filters rootwrap.d/knot2.filters \
    && rm -r /var/lib/kolla/venv/etc/designate
