FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="gnocchi-base"
RUN usermod --append --groups kolla --home /var/lib/gnocchi gnocchi \
    && install -d -o 42416 -g 42416 /var/lib/gnocchi
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends python3-rados \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD gnocchi-base-archive /gnocchi-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s gnocchi-base-source/* /gnocchi; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /gnocchi[ceph,file,keystone,mysql,s3] gnocchiclient; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /gnocchi/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 gnocchi_sudoers /etc/sudoers.d/kolla_gnocchi_sudoers
RUN mkdir -p /etc/gnocchi \
    && find /var/lib/kolla/venv/etc/pycadf -name gnocchi_api_audit_map.conf -exec cp -t /etc/gnocchi {} +
RUN sed -i -E "/gnocchi-amqpd/d" /var/lib/kolla/venv/lib/python3/site-packages/gnocchi-*.dist-info/entry_points.txt \
    && rm -f /var/lib/kolla/venv/bin/gnocchi-amqpd
RUN rm /var/lib/kolla/venv/lib/python3/site-packages/gnocchi/gendoc.py
