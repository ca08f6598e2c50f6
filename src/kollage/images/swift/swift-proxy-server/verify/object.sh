#!/bin/sh
# An object is stored and read again, as a user would.
set -eu
swift=http://127.0.0.1:8080
token=$(curl --silent --fail --include --header "X-Auth-User: verify:tester" --header "X-Auth-Key: verify" $swift/auth/v1.0 \
    | tr -d "\r" | sed -n "s/^X-Auth-Token: //Ip")
for request in container container/object; do
    curl --silent --fail --header "X-Auth-Token: $token" --upload-file /etc/swift/swift.conf $swift/v1/AUTH_verify/$request
done
curl --silent --fail --header "X-Auth-Token: $token" $swift/v1/AUTH_verify/container/object | cmp - /etc/swift/swift.conf
