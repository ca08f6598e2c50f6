FROM kolla/base:golden
LABEL maintainer="Kollage" name="proxysql"
RUN usermod --append --groups kolla --home /var/lib/proxysql proxysql \
    && install -d -o 42487 -g 42487 /var/lib/proxysql
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0755 config_sync.py /usr/local/bin/kolla_proxysql_config_sync
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && grep -rlF '[proxysql]' /etc/yum.repos.d/ 2>/dev/null | xargs -r rm -f && echo '[proxysql]' >/etc/yum.repos.d/proxysql.repo && echo 'name=proxysql' >>/etc/yum.repos.d/proxysql.repo && echo 'enabled=1' >>/etc/yum.repos.d/proxysql.repo && echo 'gpgkey=https://repo.proxysql.com/ProxySQL/proxysql-3.0.x/repo_pub_key' >>/etc/yum.repos.d/proxysql.repo && echo 'baseurl=https://repo.proxysql.com/ProxySQL/proxysql-3.0.x/almalinux/10' >>/etc/yum.repos.d/proxysql.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install proxysql \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && install -d -o proxysql -g proxysql -m 0770 /var/lib/kolla/proxysql && install -o proxysql -g proxysql -m 0600 /dev/null /etc/proxysql.cnf \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/proxysql.*
USER proxysql
