FROM kolla/watcher-base:golden
LABEL maintainer="Kollage" name="watcher-applier"
USER watcher
