FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="bifrost-base"
RUN usermod --append --groups kolla --home /var/lib/bifrost bifrost \
    && install -d -o 42404 -g 42404 /var/lib/bifrost
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends cpio dnsmasq dosfstools gdisk git ipmitool kpartx logrotate mariadb-server nginx parted psmisc socat squashfs-tools wget xfsprogs bsdextrautils debootstrap genisoimage grub-efi-amd64-signed ipxe iptables isolinux python3-apt python3-pip python3-venv qemu-utils shim-signed uuid-runtime \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD bifrost-base-archive /bifrost-base-source
ENV VENV=/var/lib/kolla/venv
ENV ANSIBLE_GATHER_TIMEOUT=30
COPY --chmod=0644 upper-constraints.txt /requirements/upper-constraints.txt
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s bifrost-base-source/* /bifrost; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /bifrost ansible-core diskimage-builder ironic ironic-python-agent-builder metalsmith openstacksdk passlib python-ironicclient python-openstackclient sushy; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /bifrost/build
COPY --chmod=0644 image.yml /bifrost/playbooks/inventory/group_vars/all.yml
COPY --chmod=0440 bifrost_sudoers /etc/sudoers.d/kolla_bifrost_sudoers
RUN --mount=type=bind,source=bifrost-base-collections-archive,target=/run/kollage/collections.tar \
    mkdir -p /usr/share/ansible/collections && tar -x -f /run/kollage/collections.tar -C /usr/share/ansible/collections \
    --strip-components=1 --no-same-owner --exclude="*/tests" --exclude="*/docs" --wildcards "*/ansible_collections/ansible/[mp]*[lx]" "*/ansible_collections/ansible/netcommon" "*/ansible_collections/ansible/utils" "*/ansible_collections/community/crypto" "*/ansible_collections/community/general" "*/ansible_collections/community/mysql" "*/ansible_collections/openstack/cloud"
RUN mkdir -p /usr/lib/ironic && cp -L /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed /usr/lib/ironic/grub-efi && cp -L /usr/lib/shim/shimx64.efi.signed /usr/lib/ironic/shim-efi \
    && chown -R bifrost:bifrost /bifrost/
WORKDIR /bifrost
