FROM kolla/cloudkitty-base:golden
LABEL maintainer="Kollage" name="cloudkitty-processor"
USER cloudkitty
