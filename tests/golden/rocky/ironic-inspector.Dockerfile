FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="ironic-inspector"
RUN usermod --append --groups kolla --home /var/lib/ironic-inspector ironic-inspector \
    && install -d -o 42461 -g 42461 /var/lib/ironic-inspector
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install iptables \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
ADD ironic-inspector-archive /ironic-inspector-source
COPY --chmod=0644 upper-constraints.txt /requirements/upper-constraints.txt
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s ironic-inspector-source/* /ironic-inspector; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /ironic-inspector; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /ironic-inspector/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 ironic_inspector_sudoers /etc/sudoers.d/kolla_ironic_inspector_sudoers
RUN install -D -m 0644 -t /etc/ironic-inspector /ironic-inspector/rootwrap.conf \
    && install -D -m 0644 -t /etc/ironic-inspector/rootwrap.d /ironic-inspector/rootwrap.d/* \
    && sed -i "s|^exec_dirs=|&/var/lib/kolla/venv/bin,|" /etc/ironic-inspector/rootwrap.conf \
    && install -d -o ironic-inspector -g ironic-inspector /var/lib/ironic-inspector/dhcp-hostsdir
USER ironic-inspector
