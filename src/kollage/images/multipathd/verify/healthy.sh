#!/bin/sh
# Both paths are one device, and what is written to that is on each.
set -eu
[ "$(multipathd show paths raw format "%t %o %T" | grep -c "active running ready")" = 2 ]
map=/dev/mapper/$(multipathd show maps raw format "%n")
[ -b "$map" ]
printf kollage | dd of="$map" conv=fsync status=none
for path in $(multipathd show paths raw format "%d"); do
    [ "$(dd if="/dev/$path" iflag=direct bs=512 count=1 status=none | head --bytes=7)" = kollage ]
done
