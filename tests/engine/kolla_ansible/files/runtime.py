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


def told() -> Path | None:
    """The file that says what a container, or a process more in one, is to be; None where neither is begun."""
    after = dict(zip(sys.argv, sys.argv[1:], strict=False))
    if "--bundle" in after:
        return Path(after["--bundle"], "config.json")
    return Path(after["--process"]) if "--process" in after else None


def main() -> None:
    path = told()
    if path and not has_it():
        content = json.loads(path.read_text())
        modest(content.get("process", content))
        path.write_text(json.dumps(content))
    os.execvp("runc", ["runc", *sys.argv[1:]])


if __name__ == "__main__":
    main()
