FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="glance-base"
RUN usermod --append --groups kolla --home /var/lib/glance glance \
    && install -d -o 42415 -g 42415 /var/lib/glance
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends python3-rados python3-rbd \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD glance-base-archive /glance-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s glance-base-source/* /glance; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /glance glance_store[cinder,s3,swift,vmware]; \
    mkdir -p /etc/glance; cp -r /glance/etc/. /etc/glance/; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /glance/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 glance_sudoers /etc/sudoers.d/kolla_glance_sudoers
RUN cp -r /var/lib/kolla/venv/etc/glance/rootwrap* /var/lib/kolla/venv/etc/pycadf/glance_api_audit_map.conf /etc/glance/
RUN sed -i -e "s|^exec_dirs=|&/var/lib/kolla/venv/bin,|" "/etc/glance/rootwrap.conf"
