FROM kolla/base:golden
LABEL maintainer="Kollage" name="fluentd"
RUN usermod --append --groups kolla,mysql --home /var/lib/fluentd fluentd \
    && install -d -o 42474 -g 42474 /var/lib/fluentd
COPY --chmod=0440 fluentd_sudoers /etc/sudoers.d/kolla_fluentd_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
LABEL fluentd_binary="fluentd" fluentd_user="fluentd"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    install -d /etc/kolla/apt-keys && curl --output /etc/kolla/apt-keys/fluentd.asc https://fluentd.cdn.cncf.io/GPG-KEY-fluent-package && \
    exec 9> /var/cache/apt/kollage.lock && flock 9 \
    && echo 'Uris: https://fluentd.cdn.cncf.io/lts/6/debian/trixie' >/etc/apt/sources.list.d/fluentd.sources && echo 'Components: contrib' >>/etc/apt/sources.list.d/fluentd.sources && echo 'Types: deb' >>/etc/apt/sources.list.d/fluentd.sources && echo 'Suites: trixie' >>/etc/apt/sources.list.d/fluentd.sources && echo 'Signed-By: /etc/kolla/apt-keys/fluentd.asc' >>/etc/apt/sources.list.d/fluentd.sources \
    && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends fluent-package \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && install -d /etc/fluentd && install -d -o fluentd -g fluentd /run/fluentd \
    && rm -rf /etc/kolla/apt-keys /etc/apt/sources.list.d/fluentd.*
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends g++ make \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && ulimit -n 1024 && fluent-gem install --no-document fluent-plugin-grok-parser fluent-plugin-prometheus fluent-plugin-rewrite-tag-filter \
    && apt-get -qy purge --auto-remove g++ make \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/lib/dpkg/*-old /var/log/dnf*
USER fluentd
