FROM kolla/letsencrypt-base:golden
LABEL maintainer="Kollage" name="letsencrypt-lego"
RUN usermod --append --groups kolla --home /var/lib/letsencrypt --shell /bin/bash letsencrypt \
    && install -d -o 42488 -g 42488 /var/lib/letsencrypt
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends lego rsync cron openssh-client \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
COPY --chmod=0755 letsencrypt-certificates.sh /usr/bin/letsencrypt-certificates
COPY --chmod=0755 sync-and-update-certificate.sh /usr/bin/sync-and-update-certificate
RUN ln -s /usr/bin/lego /opt/lego
