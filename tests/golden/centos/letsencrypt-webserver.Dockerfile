FROM kolla/letsencrypt-base:golden
LABEL maintainer="Kollage" name="letsencrypt-webserver"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install httpd mod_ssl \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_letsencrypt_extend_start
RUN sed -i "s/^Listen /#&/" /etc/httpd/conf/httpd.conf /etc/httpd/conf.d/ssl.conf
