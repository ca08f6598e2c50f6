#!/bin/sh
# Log in, and read from the volume what was written to it.
set -eu
iscsiadm --mode session >/dev/null 2>&1 || {
    iscsiadm --mode discovery --type sendtargets --portal 127.0.0.1
    iscsiadm --mode node --targetname iqn.2026-01.example.kollage:verify --login
}
disk=/dev/$(iscsiadm --mode session --print 3 | sed -n "s/.*Attached scsi disk \([a-z]*\).*/\1/p")
printf kollage | dd of="$disk" conv=fsync status=none
[ "$(dd if="$disk" iflag=direct bs=512 count=1 status=none | head --bytes=7)" = kollage ]
