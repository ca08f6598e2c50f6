FROM kolla/nova-base:golden
LABEL maintainer="Kollage" name="nova-compute"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --enablerepo=crb --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' --repofrompath='openvswitch,https://mirror.stream.centos.org/SIGs/$releasever-stream/nfv/$basearch/openvswitch-2/' --setopt=openvswitch.gpgcheck=1 --setopt='openvswitch.gpgkey=https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-NFV' install ceph-common dosfstools e2fsprogs lvm2 ndctl nvme-cli parted python3-libvirt rsync sysfsutils xfsprogs cryptsetup cyrus-sasl-md5 cyrus-sasl-scram device-mapper-multipath genisoimage iscsi-initiator-utils libosinfo nfs-utils openssh-clients openvswitch3.5 python3-libguestfs python3-rtslib qemu-img qemu-kvm-block-rbd targetcli \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
ADD plugins-archive /
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt oslo.vmware; \
    if [ -n "$(ls /plugins)" ]; then $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /plugins/*; fi; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_nova_extend_start
RUN rm -f /etc/iscsi/initiatorname.iscsi /etc/machine-id /etc/nvme/hostid /etc/nvme/hostnqn
USER nova
