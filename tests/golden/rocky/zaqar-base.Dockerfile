FROM kolla/openstack-base:golden
LABEL maintainer="Kollage" name="zaqar-base"
RUN groupadd --gid 42452 zaqar && useradd --no-log-init --no-create-home --shell /usr/sbin/nologin --uid 42452 --gid 42452 zaqar && usermod --append --groups kolla --home /var/lib/zaqar zaqar \
    && install -d -o 42452 -g 42452 /var/lib/zaqar
ADD zaqar-base-archive /zaqar-base-source
RUN --mount=type=secret,id=network,target=/run/kollage/network --mount=type=secret,id=ca-bundle,target=/run/kollage/ca-bundle,mode=0444 --mount=type=secret,id=apt,target=/run/kollage/apt,mode=0444 --mount=type=bind,from=tools,target=/run/kollage/tools --mount=type=cache,id=kollage-uv,target=/run/kollage/cache \
    set -e; ln -s zaqar-base-source/* /zaqar; if [ -s /run/kollage/network ]; then . /run/kollage/network; fi; uv=/run/kollage/tools/uv; export UV_CACHE_DIR=/run/kollage/cache UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/var/lib/kolla/venv; \
    $uv pip install --constraint /requirements/upper-constraints.txt --build-constraint /requirements/upper-constraints.txt /zaqar pymongo redis; \
    rm -rf /var/lib/kolla/venv/.lock /tmp/uv-*.lock /zaqar/build
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_extend_start
RUN sed -i "s/asyncio.wait(.coro, task.)/asyncio.gather(coro, task)/" \
    /var/lib/kolla/venv/lib/python3/site-packages/zaqar/transport/websocket/driver.py
