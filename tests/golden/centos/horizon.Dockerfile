FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="horizon"
RUN usermod --append --groups kolla --home /var/lib/horizon horizon \
    && install -d -o 42420 -g 42420 /var/lib/horizon
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=cache,id=kollage-centos-stream10-x86_64-dnf,target=/var/cache/dnf \
    if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; exec 9> /var/cache/dnf/kollage.lock && flock 9 && dnf -y --setopt=install_weak_deps=False --setopt=keepcache=True install gettext \
    && rm -rf /var/log/dnf* /var/log/hawkey.log
ADD horizon-archive /horizon-source
ADD plugins-archive /
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s horizon-source/* /horizon; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /horizon django-redis blazar-dashboard cloudkitty-dashboard designate-dashboard heat-dashboard ironic-ui magnum-ui manila-ui masakari-dashboard mistral-dashboard neutron-fwaas-dashboard neutron-vpnaas-dashboard octavia-dashboard tacker-horizon trove-dashboard watcher-dashboard; \
    if [ -n "$(ls /plugins)" ]; then $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /plugins/*; fi; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /horizon/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN cd /var/lib/kolla/venv/lib/python3/site-packages \
    && cp -r /horizon/openstack_dashboard/conf /etc/openstack-dashboard \
    && mkdir /etc/openstack-dashboard/local_settings.d \
    && cp /horizon/openstack_dashboard/local/local_settings.py.example /etc/openstack-dashboard/local_settings.py \
    && rm -r openstack_dashboard/local/local_settings.d \
    && ln -s /etc/openstack-dashboard/local_settings.d /etc/openstack-dashboard/local_settings.py openstack_dashboard/local/ \
    && install /horizon/manage.py /var/lib/kolla/venv/bin/ \
    && find . -path "*/locale/*.po" -execdir sh -c 'test -e "${1%po}mo" || msgfmt --output-file="${1%po}mo" "$1"' sh {} \;
RUN cd /var/lib/kolla/venv/lib/python3/site-packages \
    && for file in magnum_ui/static/dashboard/container-infra/container-infra.scss neutron_fwaas_dashboard/static/neutron_fwaas_dashboard/scss/firewalls.scss; do \
    if [ -e sass.py ] && ! grep -q /variables "$file"; then \
    sed -i '1i @import "{{ THEME_DIR }}/{{ THEME }}/variables", "/dashboard/scss/variables", "/horizon/lib/bootstrap_scss/scss/bootstrap/mixins";' "$file"; \
    fi; done
RUN if [ -e /var/lib/kolla/venv/lib/python3/site-packages/scss/grammar/expression.py ]; then sed -i "s/((?i)opacity)/(?i:opacity)/" /var/lib/kolla/venv/lib/python3/site-packages/scss/grammar/expression.py; fi
RUN cd /var/lib/kolla/venv/lib/python3/site-packages \
    && grep -rlZ --include="*.py" "inspect\.getargspec" *dashboard*/ | xargs -0 -r sed -i "s/inspect\.getargspec/inspect.getfullargspec/"
