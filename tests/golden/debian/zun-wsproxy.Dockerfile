FROM kolla/zun-base:golden
LABEL maintainer="Kollage" name="zun-wsproxy"
USER zun
