FROM kolla/base:golden
LABEL maintainer="Kollage" name="mariadb-server"
RUN usermod --append --groups kolla --home /var/lib/mysql mysql \
    && install -d -o 42434 -g 42434 /var/lib/mysql
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends expect pv rsync tar galera-4 gzip mariadb-backup mariadb-client mariadb-server \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
COPY --chmod=0440 mariadb_sudoers /etc/sudoers.d/kolla_mariadb_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0755 security_reset.expect /usr/local/bin/kolla_security_reset
COPY --chmod=0755 backup.sh /usr/local/bin/kolla_mariadb_backup.sh
COPY --chmod=0755 backup_replica.sh /usr/local/bin/kolla_mariadb_backup_replica.sh
RUN rm -rf /var/lib/mysql/* \
    && install -d -o mysql -g mysql -m 0755 /var/lib/mysql /run/mysqld
COPY --chmod=0755 healthcheck.sh /usr/bin/healthcheck.sh
COPY --chmod=0755 healthcheck_mariadb /usr/local/bin/healthcheck_mariadb
ENTRYPOINT ["dumb-init", "--"]
CMD ["kolla_start"]
USER mysql
