#!/bin/sh
# Without rights over its host a daemon keeps images in plain folders: containerd's way, or Docker's own before 23.
set -eu
case $(dockerd --version) in
*" version 20."*) driver=vfs ;;
*) driver=native ;;
esac
exec dockerd --storage-driver="$driver"
