#!/bin/sh
# Where the switch does not answer its first question it ends, and is not begun again.
set -eu
until ovs-appctl dpctl/show -s | grep --quiet user0; do sleep 1; done
exec ncd_watch
