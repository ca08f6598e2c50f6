#!/bin/sh
# Without rights over its host a daemon keeps images in plain folders: containerd's way, or Docker's own before 23.
# What drives one as old asks for its store's status, and only overlays have one: a user namespace may mount them.
set -eu
store="mkdir -p /var/lib/docker && mount -t tmpfs docker /var/lib/docker"
alone="unshare --user --map-root-user --mount sh -euc"
case $(dockerd --version) in
*" version 20."*)
    $alone "$store" || exec dockerd --storage-driver=vfs
    exec $alone "$store; exec dockerd --storage-driver=overlay2"
    ;;
esac
exec dockerd --storage-driver=native
