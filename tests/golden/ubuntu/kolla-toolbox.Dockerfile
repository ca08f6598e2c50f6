FROM kolla/base:golden
LABEL maintainer="Kollage" name="kolla-toolbox"
RUN usermod --append --groups kolla --home /var/lib/ansible ansible \
    && install -d -o 42401 -g 42401 /var/lib/ansible
RUN usermod --append --groups kolla --home /var/lib/rabbitmq rabbitmq \
    && install -d -o 42439 -g 42439 /var/lib/rabbitmq
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-apt,target=/var/cache/apt --mount=type=cache,id=kollage-ubuntu-24.04-x86_64-lists,target=/var/lib/apt/lists \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/apt/kollage.lock && flock 9 && apt-get -q --error-on=any update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends gdisk git jq openssh-client openvswitch-switch rabbitmq-server \
    && rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /var/cache/debconf/*-old /var/lib/dpkg/*-old
ADD kolla-toolbox-archive /kolla-toolbox-source
ENV PATH=/opt/ansible/bin:$PATH
RUN set -e; ln -s kolla-toolbox-source/* /requirements;
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/ansible; \
    $uv venv --quiet --system-site-packages /opt/ansible; \
    ln -s python$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') /opt/ansible/lib/python3; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt ansible-core ansible-runner cmd2 openstacksdk os-client-config pip pymysql python-ironicclient python-openstackclient pytz pyudev; \
    rm -rf /opt/ansible/.lock /tmp/uv-*.lock /requirements/build
COPY --chmod=0644 ansible.cfg /etc/ansible/ansible.cfg
COPY --chmod=0440 ansible_sudoers /etc/sudoers.d/kolla_ansible_sudoers
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
COPY --chmod=0755 kolla_toolbox.sh /usr/local/bin/kolla_toolbox
RUN --mount=type=bind,source=kolla-toolbox-collections-archive,target=/run/kollage/collections.tar \
    --mount=type=bind,source=kolla-toolbox-openvswitch-archive,target=/run/kollage/openvswitch.tar \
    mkdir -p /usr/share/ansible/collections && cd /usr/share/ansible/collections \
    && take() { archive=$1; shift; tar -x -f "$archive" --strip-components=1 --no-same-owner --exclude="*/tests" --exclude="*/docs" --wildcards "$@"; } \
    && take /run/kollage/collections.tar "*/ansible_collections/ansible/[mp]*[lx]" "*/ansible_collections/community/general" "*/ansible_collections/community/mysql" "*/ansible_collections/community/rabbitmq" "*/ansible_collections/openstack/cloud" \
    && take /run/kollage/openvswitch.tar "*/ansible_collections/openvswitch/openvswitch"
ENV ANSIBLE_LIBRARY=/usr/share/ansible
USER ansible
