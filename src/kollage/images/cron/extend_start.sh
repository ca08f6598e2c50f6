#!/bin/bash
# Sourced by kolla_start as root. KOLLA_LOGROTATE_SCHEDULE: how often logs are rotated; other words change nothing.

case ${KOLLA_LOGROTATE_SCHEDULE-} in
    hourly | daily | weekly | monthly)
        for job in /etc/cron.*ly/logrotate; do
            if [[ -e $job && $job != "/etc/cron.$KOLLA_LOGROTATE_SCHEDULE/logrotate" ]]; then
                mv "$job" "/etc/cron.$KOLLA_LOGROTATE_SCHEDULE/logrotate"
            fi
        done
        ;;
esac
