FROM kolla/nova-base:golden
LABEL maintainer="Kollage" name="nova-novncproxy"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-debian-trixie-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-debian-trixie-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && cd /run && apt-get -q --error-on=any update \
    && apt-get -q download novnc && dpkg-deb --extract novnc_*.deb / && rm -r novnc_*.deb /usr/share/novnc/utils
USER nova
