FROM kolla/base:golden
LABEL maintainer="Kollage" name="fluentd"
RUN usermod --append --groups kolla,mysql --home /var/lib/fluentd fluentd \
    && install -d -o 42474 -g 42474 /var/lib/fluentd
COPY --chmod=0440 fluentd_sudoers /etc/sudoers.d/kolla_fluentd_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
LABEL fluentd_binary="fluentd" fluentd_user="fluentd"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && grep -rlF '[fluent-package-lts]' /etc/yum.repos.d/ 2>/dev/null | xargs -r rm -f && echo '[fluent-package-lts]' >/etc/yum.repos.d/fluentd.repo && echo 'name=fluent-package-lts' >>/etc/yum.repos.d/fluentd.repo && echo 'enabled=1' >>/etc/yum.repos.d/fluentd.repo && echo 'gpgkey=https://fluentd.cdn.cncf.io/GPG-KEY-fluent-package' >>/etc/yum.repos.d/fluentd.repo && echo 'baseurl=https://fluentd.cdn.cncf.io/lts/6/redhat/$releasever/$basearch' >>/etc/yum.repos.d/fluentd.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install fluent-package \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && install -d /etc/fluentd && install -d -o fluentd -g fluentd /run/fluentd \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/fluentd.*
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install gcc-c++ make \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && ulimit -n 1024 && fluent-gem install --no-document fluent-plugin-grok-parser fluent-plugin-prometheus fluent-plugin-rewrite-tag-filter \
    && dnf -y remove gcc-c++ make \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/lib/dpkg/*-old /var/log/dnf*
USER fluentd
