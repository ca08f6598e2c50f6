FROM kolla/base:golden
LABEL maintainer="Kollage" name="qdrouterd"
RUN usermod --append --groups kolla --home /var/lib/qdrouterd qdrouterd \
    && install -d -o 42465 -g 42465 /var/lib/qdrouterd
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' install cyrus-sasl-lib cyrus-sasl-plain qpid-dispatch-router qpid-dispatch-tools \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0440 qdrouterd_sudoers /etc/sudoers.d/kolla_qdrouterd_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
USER qdrouterd
