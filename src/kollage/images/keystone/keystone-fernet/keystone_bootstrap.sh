#!/bin/bash
# kolla_keystone_bootstrap USER GROUP
# Creates the fernet keys and prints one JSON object: failed, changed and, after a failure, msg.

set -o nounset -o pipefail

# reply FAILED CHANGED, the message on stdin. Python encodes it: any bytes give valid JSON.
reply() {
    python3 -c '
import json, sys
failed, changed = (word == "true" for word in sys.argv[1:])
message = sys.stdin.buffer.read().decode("utf-8", "replace").strip()
print(json.dumps({"failed": failed, "changed": changed} | ({"msg": message} if failed else {})))
' "$@"
}

if (($# != 2)); then
    reply true false <<< "usage: kolla_keystone_bootstrap USER GROUP"
    exit 1
fi

if ! output=$(keystone-manage --config-file /etc/keystone/keystone.conf fernet_setup \
    --keystone-user "$1" --keystone-group "$2" 2>&1 | tr -d '\0'); then
    reply true true <<< "$output"
    exit 1
fi

if [[ $output == *"Key repository is already initialized"* ]]; then
    reply false false < /dev/null
else
    reply false true < /dev/null
fi
