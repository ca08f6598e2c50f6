FROM kolla/base:golden
LABEL maintainer="Kollage" name="opensearch"
RUN usermod --append --groups kolla --home /usr/share/opensearch --shell /bin/bash opensearch \
    && install -d -o 42490 -g 42490 /usr/share/opensearch
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    install -d /etc/kolla/apt-keys && curl --output /etc/kolla/apt-keys/opensearch.asc https://artifacts.opensearch.org/publickeys/opensearch-release.pgp && \
    exec 9> /var/cache/apt/kollage.lock && flock 9 \
    && echo 'Uris: https://artifacts.opensearch.org/releases/bundle/opensearch/3.x/apt/' >/etc/apt/sources.list.d/opensearch.sources && echo 'Components: main' >>/etc/apt/sources.list.d/opensearch.sources && echo 'Types: deb' >>/etc/apt/sources.list.d/opensearch.sources && echo 'Suites: stable' >>/etc/apt/sources.list.d/opensearch.sources && echo 'Signed-By: /etc/kolla/apt-keys/opensearch.asc' >>/etc/apt/sources.list.d/opensearch.sources \
    && export OPENSEARCH_INITIAL_ADMIN_PASSWORD="Aa1-$(head -c 24 /dev/urandom | base64 -w 0)" \
    && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends opensearch \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && chown -R opensearch:opensearch /usr/share/opensearch && rm -f /etc/opensearch/*.pem /etc/opensearch/securityadmin_demo.sh \
    && rm -rf /etc/kolla/apt-keys /etc/apt/sources.list.d/opensearch.*
USER opensearch
