FROM kolla/base:golden
LABEL maintainer="Kollage" name="kibana"
RUN usermod --append --groups kolla --home /var/lib/kibana kibana \
    && install -d -o 42426 -g 42426 /var/lib/kibana
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && printf "%s\n" "[elasticsearch]" "name=elasticsearch" "baseurl=https://artifacts.elastic.co/packages/oss-7.x/yum" "gpgcheck=1" "gpgkey=https://artifacts.elastic.co/GPG-KEY-elasticsearch" > /etc/yum.repos.d/elasticsearch.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install kibana-oss \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/elasticsearch.*
USER kibana
