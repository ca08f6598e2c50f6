#!/bin/sh
exec /usr/sbin/logrotate /etc/logrotate.conf
