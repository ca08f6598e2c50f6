#!/bin/bash
# Starts socat and ends with it; asked to end, it is ended at once, which counts as a success.

trap 'kill "$child"; exit 0' TERM QUIT
socat "$@" &
child=$!
wait "$child"
