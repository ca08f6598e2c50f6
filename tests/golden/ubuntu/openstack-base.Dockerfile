FROM kolla/base:golden
LABEL maintainer="Kollage" name="openstack-base"
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends uwsgi-core uwsgi-plugin-python3 \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD openstack-base-archive /openstack-base-source
ENV PATH=/var/lib/kolla/venv/bin:$PATH
ENV UWSGI_PLUGINS=python3,http
ENV UWSGI_VIRTUALENV=/var/lib/kolla/venv
RUN set -e; ln -s openstack-base-source/* /requirements;
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv venv --quiet --system-site-packages /var/lib/kolla/venv; \
    ln -s python$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') /var/lib/kolla/venv/lib/python3; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt pip setuptools alembic cliff cryptography eventlet keystoneauth1 keystonemiddleware oslo.cache oslo.concurrency oslo.config oslo.context oslo.db oslo.i18n oslo.log oslo.messaging oslo.middleware oslo.policy oslo.privsep oslo.reports oslo.rootwrap oslo.serialization oslo.service oslo.upgradecheck oslo.utils oslo.versionedobjects osprofiler Paste PasteDeploy pymysql python-memcached pymemcache Routes SQLAlchemy WebOb etcd3gw redis; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /requirements/build
