FROM kolla/watcher-base:golden
LABEL maintainer="Kollage" name="watcher-api"
ENV OS_WATCHER_DISABLE_EVENTLET_PATCHING=false
COPY --chmod=0644 extend_start.sh /usr/local/bin/kolla_watcher_extend_start
USER watcher
