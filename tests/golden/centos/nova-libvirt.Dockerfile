FROM kolla/base:golden
LABEL maintainer="Kollage" name="nova-libvirt"
RUN usermod --append --groups kolla,qemu --home /var/lib/nova nova \
    && install -d -o 42436 -g 42436 /var/lib/nova
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --enablerepo=crb --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' --repofrompath='openvswitch,https://mirror.stream.centos.org/SIGs/$releasever-stream/nfv/$basearch/openvswitch-2/' --setopt=openvswitch.gpgcheck=1 --setopt='openvswitch.gpgkey=https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-NFV' install ceph-common swtpm cyrus-sasl cyrus-sasl-md5 cyrus-sasl-scram libguestfs libvirt-client libvirt-daemon libvirt-daemon-config-nwfilter libvirt-daemon-driver-nodedev libvirt-daemon-driver-nwfilter libvirt-daemon-log openvswitch3.5 qemu-img qemu-kvm swtpm-tools \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0755 nova_libvirt_start.sh /usr/local/bin/kolla_nova_libvirt_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install edk2-ovmf \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
