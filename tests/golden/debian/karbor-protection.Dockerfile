FROM kolla/karbor-base:golden
LABEL maintainer="Kollage" name="karbor-protection"
USER karbor
