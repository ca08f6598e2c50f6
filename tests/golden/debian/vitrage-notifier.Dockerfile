FROM kolla/vitrage-base:golden
LABEL maintainer="Kollage" name="vitrage-notifier"
USER vitrage
