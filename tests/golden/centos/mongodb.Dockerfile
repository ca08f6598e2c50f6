FROM kolla/base:golden
LABEL maintainer="Kollage" name="mongodb"
RUN usermod --append --groups kolla --home /var/lib/mongodb mongodb \
    && install -d -o 42432 -g 42432 /var/lib/mongodb
COPY --chmod=0440 mongodb_sudoers /etc/sudoers.d/kolla_mongodb_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && printf "%s\n" "[mongodb]" "name=mongodb" "baseurl=https://repo.mongodb.org/yum/redhat/9/mongodb-org/8.0/$basearch/" "gpgcheck=1" "gpgkey=https://www.mongodb.org/static/pgp/server-8.0.asc" > /etc/yum.repos.d/mongodb.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install mongodb-org-server \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && install -d -o mongodb -g mongodb /run/mongodb \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/mongodb.*
USER mongodb
