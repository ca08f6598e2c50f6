FROM kolla/base:golden
LABEL maintainer="Kollage" name="telegraf"
RUN usermod --append --groups kolla --home /etc/telegraf telegraf \
    && install -d -o 42448 -g 42448 /etc/telegraf
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends chrony net-tools collectd-core \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
COPY --chmod=0440 telegraf_sudoers /etc/sudoers.d/kolla_telegraf_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    install -d /etc/kolla/apt-keys && curl --output /etc/kolla/apt-keys/influxdb.asc https://repos.influxdata.com/influxdata-archive.key && \
    exec 9> /var/cache/apt/kollage.lock && flock 9 \
    && echo "deb [signed-by=/etc/kolla/apt-keys/influxdb.asc] https://repos.influxdata.com/ubuntu jammy stable" > /etc/apt/sources.list.d/influxdb.list \
    && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends telegraf \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && rm -rf /etc/kolla/apt-keys /etc/apt/sources.list.d/influxdb.*
USER telegraf
