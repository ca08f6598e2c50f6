FROM kolla/keystone-base:golden
LABEL maintainer="Kollage" name="keystone-fernet"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install rsync cronie openssh-clients \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0755 fetch_fernet_tokens.py /usr/bin/fetch_fernet_tokens.py
COPY --chmod=0755 keystone_bootstrap.sh /usr/local/bin/kolla_keystone_bootstrap
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
