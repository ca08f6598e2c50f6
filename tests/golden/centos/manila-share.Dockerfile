FROM kolla/manila-base:golden
LABEL maintainer="Kollage" name="manila-share"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --enablerepo=crb --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' --repofrompath='openvswitch,https://mirror.stream.centos.org/SIGs/$releasever-stream/nfv/$basearch/openvswitch-2/' --setopt=openvswitch.gpgcheck=1 --setopt='openvswitch.gpgkey=https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-NFV' install ceph-common e2fsprogs lvm2 rsync openssh-clients openvswitch3.5 python3-cephfs python3-rados python3-rbd sqlite \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
USER manila
