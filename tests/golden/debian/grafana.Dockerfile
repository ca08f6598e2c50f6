FROM kolla/base:golden
LABEL maintainer="Kollage" name="grafana"
RUN usermod --append --groups kolla --home /usr/share/grafana grafana \
    && install -d -o 42417 -g 42417 /usr/share/grafana
COPY --chmod=0440 grafana_sudoers /etc/sudoers.d/kolla_grafana_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    install -d /etc/kolla/apt-keys && curl --output /etc/kolla/apt-keys/grafana.asc https://rpm.grafana.com/gpg.key && \
    exec 9> /var/cache/apt/kollage.lock && flock 9 \
    && echo 'Uris: https://apt.grafana.com' >/etc/apt/sources.list.d/grafana.sources && echo 'Components: main' >>/etc/apt/sources.list.d/grafana.sources && echo 'Types: deb' >>/etc/apt/sources.list.d/grafana.sources && echo 'Suites: stable' >>/etc/apt/sources.list.d/grafana.sources && echo 'Signed-By: /etc/kolla/apt-keys/grafana.asc' >>/etc/apt/sources.list.d/grafana.sources \
    && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends grafana \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && rm -rf /etc/kolla/apt-keys /etc/apt/sources.list.d/grafana.*
WORKDIR /usr/share/grafana
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; grafana cli plugins install grafana-opensearch-datasource
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; grafana cli plugins install prometheus
USER grafana
