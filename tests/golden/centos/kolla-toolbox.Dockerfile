FROM kolla/base:golden
LABEL maintainer="Kollage" name="kolla-toolbox"
RUN usermod --append --groups kolla --home /var/lib/ansible ansible \
    && install -d -o 42401 -g 42401 /var/lib/ansible
RUN usermod --append --groups kolla --home /var/lib/rabbitmq rabbitmq \
    && install -d -o 42439 -g 42439 /var/lib/rabbitmq
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True --enablerepo=crb --repofrompath='epel,https://dl.fedoraproject.org/pub/epel/$releasever/Everything/$basearch/' --setopt=epel.gpgcheck=1 --setopt='epel.gpgkey=https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever' --repofrompath='erlang,https://yum1.rabbitmq.com/erlang/el/9/$basearch' --setopt=erlang.gpgcheck=1 --setopt='erlang.gpgkey=https://github.com/rabbitmq/signing-keys/releases/download/3.0/cloudsmith.rabbitmq-erlang.E495BB49CC4BBE5B.key' --repofrompath='openvswitch,https://mirror.stream.centos.org/SIGs/$releasever-stream/nfv/$basearch/openvswitch-2/' --setopt=openvswitch.gpgcheck=1 --setopt='openvswitch.gpgkey=https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-NFV' --repofrompath='rabbitmq,https://yum1.rabbitmq.com/rabbitmq/el/9/noarch' --setopt=rabbitmq.gpgcheck=1 --setopt='rabbitmq.gpgkey=https://github.com/rabbitmq/signing-keys/releases/download/3.0/rabbitmq-release-signing-key.asc' install gdisk git jq erlang-27.* openssh-clients openvswitch3.5 rabbitmq-server \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
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
