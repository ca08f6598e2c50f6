#!/bin/bash
# Sourced by kolla_start as ansible: root, ansible and rabbitmq all write to one log, so the group may write.
# An existing log is left alone: kolla_set_configs takes care of it and ansible may not own it.

ansible_log=/var/log/kolla/ansible.log

if [[ ! -e $ansible_log ]]; then
    install -m 0664 -g kolla /dev/null "$ansible_log" || echo "Ansible will not log to $ansible_log" >&2
fi
