#!/bin/bash
# kolla_mariadb_backup.sh [OPTION...]: one backup of the database into /backup; options go to mariabackup.
# BACKUP_TYPE full: full-DATE/, and its file becomes the one named in last_full_file.
# BACKUP_TYPE incremental: incr-TIME-since-DATE/, the changes since that full backup.

set -o errexit -o nounset -o pipefail

readonly backup_dir=/backup
readonly index=$backup_dir/last_full_file

# Whatever is not complete when the script ends goes: half a backup must not look like one.
incomplete=()
trap 'rm -rf -- "${incomplete[@]}"' EXIT

# take FILE OPTION...: one streamed and compressed backup, in a directory of its own.
take() {
    local file=$1
    mkdir "${file%/*}"
    incomplete+=("${file%/*}")
    mariabackup --defaults-file=/etc/mysql/my.cnf --backup --stream=mbstream "${@:2}" | gzip > "$file"
}

full() {
    local date file
    date=$(date +%d-%m-%Y-%s)
    file=$backup_dir/full-$date/mysqlbackup-$date.qp.xbc.xbs.gz
    # The checkpoints lie beside the stream too, so that an incremental backup need not unpack all of it.
    take "$file" --history="$date" --extra-lsndir="${file%/*}" "$@"
    echo "$file" > "$index"
    incomplete=()
}

incremental() {
    if [[ ! -r $index ]]; then
        echo "There is no full backup to build on: $index cannot be read" >&2
        exit 1
    fi
    local full base date now
    full=$(< "$index")
    base=${full%/*}
    date=${base##*/full-}
    now=$(date +%H-%M-%S-%d-%m-%Y)
    if ! compgen -G "$base/*_checkpoints" > /dev/null; then
        base=$(mktemp -d -p "$backup_dir")
        incomplete+=("$base")
        gunzip -c "$full" | mbstream -x -C "$base"
    fi
    take "$backup_dir/incr-$now-since-$date/incremental-$now-mysqlbackup-$date.qp.xbc.xbs.gz" \
        --history="incr-$now" --incremental-basedir="$base" "$@"
    unset 'incomplete[-1]'
}

case ${BACKUP_TYPE-} in
    full | incremental)
        echo "Taking a backup: $BACKUP_TYPE"
        "$BACKUP_TYPE" "$@"
        ;;
    *)
        echo "BACKUP_TYPE must be full or incremental, not '${BACKUP_TYPE-}'" >&2
        exit 1
        ;;
esac
