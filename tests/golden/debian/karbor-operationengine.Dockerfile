FROM kolla/karbor-base:golden
LABEL maintainer="Kollage" name="karbor-operationengine"
USER karbor
