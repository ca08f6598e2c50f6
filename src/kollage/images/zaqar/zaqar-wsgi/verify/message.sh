#!/bin/sh
# A message is put into a queue and read again, as two users of one project would.
set -eu
queue=http://127.0.0.1:8888/v2/queues/verify
ask() {
    id=$1
    shift
    curl --silent --fail --header "Client-ID: 0000000$id-0000-4000-8000-000000000000" --header "X-Project-Id: verify" \
        --header "Content-Type: application/json" "$@"
}
ask 1 --request PUT $queue
ask 1 --data '{"messages": [{"ttl": 300, "body": "heard"}]}' $queue/messages
ask 2 $queue/messages | grep --quiet heard
