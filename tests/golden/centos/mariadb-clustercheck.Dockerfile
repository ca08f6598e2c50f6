FROM kolla/mariadb-base:golden
LABEL maintainer="Kollage" name="mariadb-clustercheck"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install socat \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0755 clustercheck /usr/bin/clustercheck
COPY --chmod=0755 socat_wrapper.sh /usr/local/bin/socat_wrapper
USER mysql
