FROM kolla/base:golden
LABEL maintainer="Kollage" name="grafana"
RUN usermod --append --groups kolla --home /usr/share/grafana grafana \
    && install -d -o 42417 -g 42417 /usr/share/grafana
COPY --chmod=0440 grafana_sudoers /etc/sudoers.d/kolla_grafana_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && grep -rlF '[grafana]' /etc/yum.repos.d/ 2>/dev/null | xargs -r rm -f && echo '[grafana]' >/etc/yum.repos.d/grafana.repo && echo 'name=grafana' >>/etc/yum.repos.d/grafana.repo && echo 'enabled=1' >>/etc/yum.repos.d/grafana.repo && echo 'gpgkey=https://rpm.grafana.com/gpg.key' >>/etc/yum.repos.d/grafana.repo && echo 'baseurl=https://rpm.grafana.com' >>/etc/yum.repos.d/grafana.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install grafana \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/grafana.*
WORKDIR /usr/share/grafana
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; grafana cli plugins install grafana-opensearch-datasource
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; grafana cli plugins install prometheus
USER grafana
