FROM kolla/ovn-base:golden
LABEL maintainer="Kollage" name="ovn-controller"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --repofrompath='openvswitch,https://mirror.stream.centos.org/SIGs/$releasever-stream/nfv/$basearch/openvswitch-2/' --setopt=openvswitch.gpgcheck=1 --setopt='openvswitch.gpgkey=https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-NFV' install ovn26.03-host \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_ovn_extend_start
