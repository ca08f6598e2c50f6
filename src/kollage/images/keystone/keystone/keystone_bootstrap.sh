#!/bin/bash
# kolla_keystone_bootstrap USER PASSWORD PROJECT ROLE INTERNAL_URL PUBLIC_URL REGION
# Creates the first administrator and prints one JSON object: failed, changed and, after a failure, msg.
# With eight arguments the fifth is an admin URL and is ignored. An empty PASSWORD means OS_BOOTSTRAP_PASSWORD.

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

if (($# == 8)); then
    set -- "${@:1:4}" "${@:6}"
fi
if (($# != 7)); then
    echo "usage: kolla_keystone_bootstrap USER PASSWORD PROJECT ROLE INTERNAL_URL PUBLIC_URL REGION" |
        reply true false
    exit 1
fi

# In the environment, because every user of the host can read a command line.
if [[ -n $2 ]]; then
    export OS_BOOTSTRAP_PASSWORD=$2
fi

if ! output=$(keystone-manage bootstrap \
    --bootstrap-username "$1" \
    --bootstrap-project-name "$3" \
    --bootstrap-role-name "$4" \
    --bootstrap-internal-url "$5" \
    --bootstrap-public-url "$6" \
    --bootstrap-service-name keystone \
    --bootstrap-region-id "$7" 2>&1 | tr -d '\0'); then
    reply true true <<< "$output"
    exit 1
fi

# Nothing changed when every step found its object there. Fewer than nine such lines mean that the log went
# elsewhere or that a step was left out: then the careful answer is that something changed.
# The role on the system is granted anew each time and says nothing.
made=$(grep -E '(Created|Granted|Reset password|Enabled user) ' <<< "$output" | grep -cvF ' on the system ')
found=$(grep -cE '(already exists|exists), skipping|already has |Skipping .* as already created' <<< "$output")
if ((made == 0 && found >= 9)); then
    reply false false < /dev/null
else
    reply false true < /dev/null
fi
