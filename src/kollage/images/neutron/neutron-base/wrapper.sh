#!/bin/bash
# Has the name of a program that an agent starts in a network namespace, and starts it in a container of its own: the
# network of the instances then outlives the agent's container.

set -o errexit -o nounset -o pipefail
# shellcheck source=/dev/null
source /usr/local/etc/neutron-wrappers/config

program=${0##*/}
namespace=$(ip netns identify)

# In the foreground, because a container ends with its first process.
case $program in
    dnsmasq) run=(/usr/sbin/dnsmasq --keep-in-foreground) ;;
    haproxy) run=(/usr/sbin/haproxy -Ws) ;;
    keepalived) run=(/usr/sbin/keepalived --dont-fork --log-console --log-detail) ;;
    radvd) run=(/usr/sbin/radvd --nodaemon) ;;
    *) run=("/var/lib/kolla/venv/bin/$program") ;;
esac

if [[ -S /var/run/docker.sock ]]; then
    engine=(docker)
    run=(ip netns exec "$namespace" "${run[@]}")
elif [[ -S /run/podman/podman.sock ]]; then
    # The host's own; its containers inherit the namespace as the network of the host.
    engine=(nsenter --preserve-credentials --target=1 --mount "--net=/run/netns/$namespace" podman)
else
    echo "$program: there is no socket of docker or podman" >&2
    exit 1
fi

# This one puts itself into the background and watches what keepalived does, so it joins that container.
if [[ $program == neutron-keepalived-state-change ]]; then
    container=$("${engine[@]}" ps --quiet --filter "name=${KOLLA_NAME}_keepalived_$namespace" | head -n 1)
    if [[ -z $container ]]; then
        echo "$program: no keepalived runs for $namespace" >&2
        exit 0
    fi
    exec "${engine[@]}" exec --detach --privileged --user root "$container" "${run[@]}" "$@"
fi

name=${KOLLA_NAME}_${program}_${namespace}
if "${engine[@]}" container inspect "$name" &> /dev/null; then
    name+=_$(date +%Y-%m-%d-%H%M%S-%N)
fi
modules=()
if [[ $program == keepalived ]]; then
    modules=(--volume /lib/modules:/lib/modules:ro)
fi
exec "${engine[@]}" run --detach --rm --name "$name" \
    --cgroupns host --net host --pid host --privileged --user root \
    --volume "/etc/kolla/$KOLLA_SERVICE_NAME:/etc/neutron:ro" --volume /run/netns:/run/netns:shared \
    --volume kolla_logs:/var/log/kolla --volume neutron_metadata_socket:/var/lib/neutron/kolla \
    "${modules[@]}" "$KOLLA_IMAGE" "${run[@]}" "$@"
