FROM kolla/base:golden
LABEL maintainer="Kollage" name="opensearch-dashboards"
RUN usermod --append --groups kolla --home /usr/share/opensearch-dashboards --shell /bin/bash opensearch-dashboards \
    && install -d -o 42492 -g 42492 /usr/share/opensearch-dashboards
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    install -d /etc/kolla/apt-keys && curl --output /etc/kolla/apt-keys/opensearch-dashboards.asc https://artifacts.opensearch.org/publickeys/opensearch-release.pgp && \
    exec 9> /var/cache/apt/kollage.lock && flock 9 \
    && echo 'Uris: https://artifacts.opensearch.org/releases/bundle/opensearch-dashboards/3.x/apt/' >/etc/apt/sources.list.d/opensearch-dashboards.sources && echo 'Components: main' >>/etc/apt/sources.list.d/opensearch-dashboards.sources && echo 'Types: deb' >>/etc/apt/sources.list.d/opensearch-dashboards.sources && echo 'Suites: stable' >>/etc/apt/sources.list.d/opensearch-dashboards.sources && echo 'Signed-By: /etc/kolla/apt-keys/opensearch.asc' >>/etc/apt/sources.list.d/opensearch-dashboards.sources \
    && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends opensearch-dashboards \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && chown -R opensearch-dashboards:opensearch-dashboards /usr/share/opensearch-dashboards \
    && rm -rf /etc/kolla/apt-keys /etc/apt/sources.list.d/opensearch-dashboards.*
USER opensearch-dashboards
