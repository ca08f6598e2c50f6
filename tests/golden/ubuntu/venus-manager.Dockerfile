FROM kolla/venus-base:golden
LABEL maintainer="Kollage" name="venus-manager"
USER venus
