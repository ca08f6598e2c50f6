#!/usr/bin/python3
"""Says whether the fernet keys of this node have to be fetched from another one.

Prints one JSON object. `populated`: there are at least the wanted number of keys. `update_required`: the key
asked for is absent or older than the given number of seconds. `failed` and `changed` are for Ansible.
"""

import argparse
import json
import time
from pathlib import Path

KEYS = Path("/etc/keystone/fernet-keys")


def count_keys() -> int:
    """Give the number of files in the key repository; an absent repository has none."""
    return sum(entry.is_file() for entry in KEYS.iterdir()) if KEYS.is_dir() else 0


def is_stale(key: Path, seconds: int) -> bool:
    """Say whether the key is absent or was written more than so many seconds ago."""
    try:
        return time.time() - key.stat().st_mtime > seconds
    except FileNotFoundError:
        return True


def main() -> None:
    """Print the answer for the keys asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-t", "--time", type=int, required=True, help="greatest age of the key in seconds")
    parser.add_argument("-n", "--number", type=int, required=True, help="least number of keys")
    parser.add_argument("-f", "--filename", default="0", help="name of the key to look at (default: 0)")
    wanted = parser.parse_args()
    answer = {
        "populated": count_keys() >= wanted.number,
        "update_required": is_stale(KEYS / wanted.filename, wanted.time),
        "failed": False,
        "changed": False,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
