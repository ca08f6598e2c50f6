FROM kolla/base:golden
LABEL maintainer="Kollage" name="proxysql"
RUN usermod --append --groups kolla --home /var/lib/proxysql proxysql \
    && install -d -o 42487 -g 42487 /var/lib/proxysql
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0755 config_sync.py /usr/local/bin/kolla_proxysql_config_sync
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    install -d /etc/kolla/apt-keys && curl --output /etc/kolla/apt-keys/proxysql.asc https://repo.proxysql.com/ProxySQL/proxysql-3.0.x/repo_pub_key && \
    exec 9> /var/cache/apt/kollage.lock && flock 9 \
    && echo 'Uris: https://repo.proxysql.com/ProxySQL/proxysql-3.0.x/noble/' >/etc/apt/sources.list.d/proxysql.sources && echo 'Components: ' >>/etc/apt/sources.list.d/proxysql.sources && echo 'Types: deb' >>/etc/apt/sources.list.d/proxysql.sources && echo 'Suites: ./' >>/etc/apt/sources.list.d/proxysql.sources && echo 'Signed-By: /etc/kolla/apt-keys/proxysql.asc' >>/etc/apt/sources.list.d/proxysql.sources \
    && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends proxysql \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && install -d -o proxysql -g proxysql -m 0770 /var/lib/kolla/proxysql && install -o proxysql -g proxysql -m 0600 /dev/null /etc/proxysql.cnf \
    && rm -rf /etc/kolla/apt-keys /etc/apt/sources.list.d/proxysql.*
USER proxysql
