FROM kolla/base:golden
LABEL maintainer="Kollage" name="opensearch-dashboards"
RUN usermod --append --groups kolla --home /usr/share/opensearch-dashboards --shell /bin/bash opensearch-dashboards \
    && install -d -o 42492 -g 42492 /usr/share/opensearch-dashboards
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && grep -rlF '[opensearch-dashboards-3.x]' /etc/yum.repos.d/ 2>/dev/null | xargs -r rm -f && echo '[opensearch-dashboards-3.x]' >/etc/yum.repos.d/opensearch-dashboards.repo && echo 'name=opensearch-dashboards-3.x' >>/etc/yum.repos.d/opensearch-dashboards.repo && echo 'enabled=1' >>/etc/yum.repos.d/opensearch-dashboards.repo && echo 'repo_gpgcheck=1' >>/etc/yum.repos.d/opensearch-dashboards.repo && echo 'gpgkey=https://artifacts.opensearch.org/publickeys/opensearch-release.pgp' >>/etc/yum.repos.d/opensearch-dashboards.repo && echo 'baseurl=https://artifacts.opensearch.org/releases/bundle/opensearch-dashboards/3.x/yum' >>/etc/yum.repos.d/opensearch-dashboards.repo \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install opensearch-dashboards \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && chown -R opensearch-dashboards:opensearch-dashboards /usr/share/opensearch-dashboards \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/opensearch-dashboards.*
USER opensearch-dashboards
