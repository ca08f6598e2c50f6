#!/bin/bash
# /check_alive.sh: runs every file below /checks, tells how each went, and fails when one of them did.
shopt -s globstar nullglob

status=0
for check in /checks/**; do
    [[ -f $check ]] || continue
    if "$check" 2> /dev/null; then
        echo "$check: alive"
    else
        echo "$check: failed"
        status=1
    fi
done
exit "$status"
