FROM kolla/watcher-base:golden
LABEL maintainer="Kollage" name="watcher-engine"
USER watcher
