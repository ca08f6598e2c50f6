FROM kolla/base:golden
LABEL maintainer="Kollage" name="mongodb"
RUN usermod --append --groups kolla --home /var/lib/mongodb mongodb \
    && install -d -o 42432 -g 42432 /var/lib/mongodb
COPY --chmod=0440 mongodb_sudoers /etc/sudoers.d/kolla_mongodb_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    install -d /etc/kolla/apt-keys && curl --output /etc/kolla/apt-keys/mongodb.asc https://www.mongodb.org/static/pgp/server-8.0.asc && \
    exec 9> /var/cache/apt/kollage.lock && flock 9 \
    && echo "deb [signed-by=/etc/kolla/apt-keys/mongodb.asc] https://repo.mongodb.org/apt/debian bookworm/mongodb-org/8.0 main" > /etc/apt/sources.list.d/mongodb.list \
    && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends mongodb-org-server \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old \
    && install -d -o mongodb -g mongodb /run/mongodb \
    && rm -rf /etc/kolla/apt-keys /etc/apt/sources.list.d/mongodb.*
USER mongodb
