FROM kolla/neutron-base:golden
LABEL maintainer="Kollage" name="neutron-l3-agent"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' install libreswan \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
USER neutron
