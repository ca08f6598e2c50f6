FROM kolla/base:golden
LABEL maintainer="Kollage" name="mariadb-server"
RUN usermod --append --groups kolla --home /var/lib/mysql mysql \
    && install -d -o 42434 -g 42434 /var/lib/mysql
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' install expect pv rsync tar gzip mariadb mariadb-backup mariadb-server mariadb-server-galera \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0440 mariadb_sudoers /etc/sudoers.d/kolla_mariadb_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0755 security_reset.expect /usr/local/bin/kolla_security_reset
COPY --chmod=0755 backup.sh /usr/local/bin/kolla_mariadb_backup.sh
COPY --chmod=0755 backup_replica.sh /usr/local/bin/kolla_mariadb_backup_replica.sh
RUN rm -rf /var/lib/mysql/* \
    && install -d -o mysql -g mysql -m 0755 /var/lib/mysql /run/mysqld \
    && if [ ! -e /usr/lib64/galera ]; then ln -s galera-4 /usr/lib64/galera; fi
COPY --chmod=0755 healthcheck.sh /usr/bin/healthcheck.sh
COPY --chmod=0755 healthcheck_mariadb /usr/local/bin/healthcheck_mariadb
ENTRYPOINT ["dumb-init", "--"]
CMD ["kolla_start"]
USER mysql
