FROM kolla/base:golden
LABEL maintainer="Kollage" name="storm-base"
RUN usermod --append --groups kolla --home /opt/storm storm \
    && install -d -o 42479 -g 42479 /opt/storm
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends zip default-jre-headless \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ENV PYTHON=/usr/bin/python3
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; set -e; curl --output /run/release.tar.gz https://archive.apache.org/dist/storm/apache-storm-1.2.2/apache-storm-1.2.2.tar.gz; \
    echo "0a1120b8df7b22edc75f0a412d625841f72f3fb8e9ff5d413d510908d68ea1f0c17d68c1a7f1eda427b40902452e9efcae902c36499b558592e41cc1079de2e0  /run/release.tar.gz" | sha512sum --check --quiet; \
    tar -xzf /run/release.tar.gz -C /opt/storm --strip-components=1 --no-same-owner; rm /run/release.tar.gz
RUN zip -q -d /opt/storm/lib/log4j-core-*.jar org/apache/logging/log4j/core/lookup/JndiLookup.class
