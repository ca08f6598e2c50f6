#!/usr/bin/python3
"""runc for a machine that cannot give whatever Docker asks it for: a sandbox may be without a capability.

Without CAP_SYS_RESOURCE no privileged container may have it, and no limit is higher than here.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

NAME, BIT = "CAP_SYS_RESOURCE", 24


def has_it() -> bool:
    """Whether this machine may give the capability."""
    status = dict(line.split(":\t") for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return bool(int(status["CapBnd"], 16) >> BIT & 1)


def modest(process: dict[str, Any]) -> None:
    """Take from what a process is to have what cannot be given."""
    for kind, capabilities in process.get("capabilities", {}).items():
        process["capabilities"][kind] = [each for each in capabilities if each != NAME]
    for limit in process.get("rlimits", []):
        highest = resource.getrlimit(getattr(resource, limit["type"]))[1]
        if highest != resource.RLIM_INFINITY:
            limit.update({key: min(limit[key], highest) for key in ("soft", "hard")})


def after(flag: str) -> str:
    """The word behind a flag; "" where there is none."""
    return sys.argv[sys.argv.index(flag) + 1] if flag in sys.argv else ""


def main() -> None:
    bundle, own = after("--bundle"), after("--process")
    for path in [Path(bundle, "config.json")] if bundle else [Path(own)] if own else []:
        told = json.loads(path.read_text())
        if not has_it():
            modest(told.get("process", told))
        path.write_text(json.dumps(told))
    os.execvp("runc", ["runc", *sys.argv[1:]])


if __name__ == "__main__":
    main()
