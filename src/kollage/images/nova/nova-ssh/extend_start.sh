#!/bin/bash
# Sourced by kolla_start as root: host keys are made once per container, never baked into the image.

for key_type in rsa ecdsa ed25519; do
    key=/etc/ssh/ssh_host_${key_type}_key
    [[ -f $key ]] || ssh-keygen -q -t "$key_type" -N "" -f "$key"
done

# kolla_set_configs makes this directory as root when it copies authorized_keys; sshd wants it to be the user's.
install -d -m 0700 -o nova -g nova /var/lib/nova/.ssh
