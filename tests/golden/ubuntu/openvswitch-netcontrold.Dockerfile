FROM kolla/openvswitch-base:golden
LABEL maintainer="Kollage" name="openvswitch-netcontrold"
COPY --chmod=0644 upper-constraints.txt /requirements/upper-constraints.txt
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/opt/netcontrold; \
    $uv venv --quiet --system-site-packages /opt/netcontrold; \
    ln -s python$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') /opt/netcontrold/lib/python3; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt netcontrold setuptools; \
    rm -rf /opt/netcontrold/.lock /tmp/uv-*.lock
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_openvswitch_extend_start
RUN ln -s /opt/netcontrold/bin/ncd_ctl /opt/netcontrold/bin/ncd_watch /usr/local/bin/ \
    && sed -i -z 's/else:\(\n *# From other line, we retrieve isolated\)/elif "isolated" in line:\1/' \
        /opt/netcontrold/lib/python3/site-packages/netcontrold/lib/dataif.py
