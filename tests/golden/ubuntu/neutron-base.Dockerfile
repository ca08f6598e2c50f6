FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="neutron-base"
RUN usermod --append --groups kolla --home /var/lib/neutron neutron \
    && install -d -o 42435 -g 42435 /var/lib/neutron
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends dnsmasq dnsmasq-utils haproxy ipset iptables keepalived radvd conntrack conntrackd iputils-arping iputils-ping libnetfilter-log1 openvswitch-switch \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD neutron-base-archive /neutron-base-source
ADD plugins-archive /
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s neutron-base-source/* /neutron; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /neutron networking-baremetal networking-generic-switch[neutron] networking-sfc neutron-fwaas neutron-vpnaas oslo.vmware tap-as-a-service; \
    if [ -n "$(ls /plugins)" ]; then $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /plugins/*; fi; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /neutron/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0440 neutron_sudoers /etc/sudoers.d/kolla_neutron_sudoers
COPY --chmod=0755 copy-wrappers /usr/local/lib/neutron-wrappers/copy-wrappers
COPY --chmod=0755 delete-wrappers /usr/local/lib/neutron-wrappers/delete-wrappers
RUN mkdir /etc/neutron \
    && cp -r /var/lib/kolla/venv/etc/neutron/. /var/lib/kolla/venv/etc/pycadf/neutron_api_audit_map.conf /etc/neutron/
RUN sed -i -e "s|^exec_dirs=|&/var/lib/kolla/venv/bin,|" "/etc/neutron/rootwrap.conf"
COPY --chmod=0755 wrapper.sh /usr/local/lib/neutron-wrappers/dnsmasq
COPY --chmod=0755 wrapper.sh /usr/local/lib/neutron-wrappers/haproxy
COPY --chmod=0755 wrapper.sh /usr/local/lib/neutron-wrappers/keepalived
COPY --chmod=0755 wrapper.sh /usr/local/lib/neutron-wrappers/neutron-keepalived-state-change
COPY --chmod=0755 wrapper.sh /usr/local/lib/neutron-wrappers/radvd
