FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="openstackclient"
ADD openstackclient-archive /openstackclient-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s openstackclient-source/* /openstackclient; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /openstackclient aodhclient gnocchiclient python-barbicanclient python-blazarclient python-cloudkittyclient python-designateclient python-heatclient python-ironicclient python-magnumclient python-manilaclient python-mistralclient python-neutronclient python-octaviaclient python-swiftclient python-troveclient python-vitrageclient python-watcherclient python-zaqarclient python-zunclient; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /openstackclient/build
USER kolla
