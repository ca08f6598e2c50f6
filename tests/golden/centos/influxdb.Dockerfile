FROM kolla/base:golden
LABEL maintainer="Kollage" name="influxdb"
RUN usermod --append --groups kolla --home /var/lib/influxdb influxdb \
    && install -d -o 42421 -g 42421 /var/lib/influxdb
COPY --chmod=0440 influxdb_sudoers /etc/sudoers.d/kolla_influxdb_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && printf "%s\n" "[influxdb]" "name=influxdb" "baseurl=https://repos.influxdata.com/rhel/9/$basearch/stable" "gpgcheck=1" "gpgkey=https://repos.influxdata.com/influxdata-archive.key" > /etc/yum.repos.d/influxdb.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install influxdb \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/influxdb.*
USER influxdb
