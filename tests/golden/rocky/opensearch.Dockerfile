FROM kolla/base:golden
LABEL maintainer="Kollage" name="opensearch"
RUN usermod --append --groups kolla --home /usr/share/opensearch --shell /bin/bash opensearch \
    && install -d -o 42490 -g 42490 /usr/share/opensearch
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-rocky-10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; \
    exec 9> /var/cache/dnf/kollage.lock && flock 9 \
    && grep -rlF '[opensearch-3.x]' /etc/yum.repos.d/ 2>/dev/null | xargs -r rm -f && echo '[opensearch-3.x]' >/etc/yum.repos.d/opensearch.repo && echo 'name=opensearch-3.x' >>/etc/yum.repos.d/opensearch.repo && echo 'enabled=1' >>/etc/yum.repos.d/opensearch.repo && echo 'repo_gpgcheck=1' >>/etc/yum.repos.d/opensearch.repo && echo 'gpgkey=https://artifacts.opensearch.org/publickeys/opensearch-release.pgp' >>/etc/yum.repos.d/opensearch.repo && echo 'baseurl=https://artifacts.opensearch.org/releases/bundle/opensearch/3.x/yum' >>/etc/yum.repos.d/opensearch.repo \
    && export OPENSEARCH_INITIAL_ADMIN_PASSWORD="Aa1-$(head -c 24 /dev/urandom | base64 -w 0)" \
    && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install opensearch \
    && rm -rf /var/log/dnf* /var/log/hawkey.log \
    && chown -R opensearch:opensearch /usr/share/opensearch && rm -f /etc/opensearch/*.pem /etc/opensearch/securityadmin_demo.sh \
    && rm -rf /etc/kolla/apt-keys /etc/yum.repos.d/opensearch.*
USER opensearch
