FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="gnocchi-base"
RUN usermod --append --groups kolla --home /var/lib/gnocchi gnocchi \
    && install -d -o 42416 -g 42416 /var/lib/gnocchi
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --enablerepo=crb --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' install python3-rados \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
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
