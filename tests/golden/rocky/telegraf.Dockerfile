FROM kolla/base:golden
LABEL maintainer="Kollage" name="telegraf"
RUN usermod --append --groups kolla --home /etc/telegraf telegraf \
    && install -d -o 42448 -g 42448 /etc/telegraf
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install chrony net-tools \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0440 telegraf_sudoers /etc/sudoers.d/kolla_telegraf_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && printf "%s\n" "[influxdb]" "name=influxdb" "baseurl=https://repos.influxdata.com/rhel/9/$basearch/stable" "gpgcheck=1" "gpgkey=https://repos.influxdata.com/influxdata-archive.key" > /etc/yum.repos.d/influxdb.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install telegraf \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/influxdb.*
USER telegraf
