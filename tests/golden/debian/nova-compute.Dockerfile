FROM kolla/nova-base:golden
LABEL maintainer="Kollage" name="nova-compute"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends ceph-common dosfstools e2fsprogs lvm2 ndctl nvme-cli parted python3-libvirt rsync sysfsutils xfsprogs cryptsetup-bin ebtables genisoimage iptables libosinfo-bin libsasl2-modules-gssapi-mit libsnappy1v5 multipath-tools nfs-common open-iscsi openssh-client openvswitch-switch ovmf pmdk-tools python3-cephfs python3-rados python3-rbd python3-rtslib-fb qemu-block-extra qemu-utils sasl2-bin swtpm swtpm-tools targetcli-fb tpm2-tools \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD plugins-archive /
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt oslo.vmware; \
    if [ -n "$(ls /plugins)" ]; then $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /plugins/*; fi; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_nova_extend_start
RUN rm -f /etc/iscsi/initiatorname.iscsi /etc/machine-id /etc/nvme/hostid /etc/nvme/hostnqn
USER nova
