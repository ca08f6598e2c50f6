FROM kolla/trove-base:golden
LABEL maintainer="Kollage" name="trove-conductor"
USER trove
