"""Kill the services of a cloud as a fault would, and see them come back: a table of how long each took.

    .venv/bin/python tools/kill.py [--cloud-dir FOLDER] each|all

`each` kills one after the other, and each has to be back by itself. `all` kills all at once, with what watches them, as
a power cut would; then `kollage up` is asked for.

Works with podman. What proves that nothing is broken or lost is `kollage smoke` afterwards.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 300  # seconds until a container has to be back
KOLLAGE = [sys.executable, "-m", "kollage"]


@dataclass(frozen=True)
class Service:
    """A container of the cloud, as the engine has it now."""

    name: str
    running: bool
    pid: int
    watcher: int  # the process that starts it again
    since: str


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill the services of a cloud and see them come back.")
    parser.add_argument("--cloud-dir", type=Path)
    parser.add_argument("which", choices=("each", "all"))
    arguments = parser.parse_args()
    where = ["--cloud-dir", str(arguments.cloud_dir)] if arguments.cloud_dir else []
    return {"each": each, "all": all_at_once}[arguments.which](where)


def each(where: list[str]) -> int:
    """Kill one service after the other, and wait for each."""
    names = [service.name for service in services(where) if service.running]
    missing = 0
    for name in names:
        seconds = killed_and_back(name)
        print(f"{name:32} {'is not back' if seconds is None else f'back after {seconds:.1f}s'}", flush=True)
        missing += seconds is None
    print(f"{len(names) - missing} of {len(names)} are back by themselves")
    return 1 if missing else up(where)


def all_at_once(where: list[str]) -> int:
    """Kill everything at once, and bring it back with `kollage up`."""
    there = [service for service in services(where) if service.running]
    for service in there:
        for pid in (service.watcher, service.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    print(f"{len(there)} services and what watches them are killed", flush=True)
    return up(where)


def killed_and_back(name: str) -> float | None:
    before, began = inspected(name), time.monotonic()
    os.kill(before.pid, signal.SIGKILL)
    while time.monotonic() - began < PATIENCE:
        now = inspected(name)
        if now.running and now.since != before.since:
            return time.monotonic() - began
        time.sleep(0.5)
    return None


def up(where: list[str]) -> int:
    """Bring up what is not, and wait until every service is healthy."""
    began = time.monotonic()
    done = subprocess.run([*KOLLAGE, "up", "--quiet", *where], check=False)
    print(f"kollage up: {'all is healthy' if done.returncode == 0 else 'failed'} after {time.monotonic() - began:.0f}s")
    return done.returncode


def services(where: list[str]) -> Iterator[Service]:
    told = subprocess.run([*KOLLAGE, "status", "--format", "json", *where], capture_output=True, text=True, check=False)
    yield from (inspected(f"kollage-{name}") for name in json.loads(told.stdout)["services"])


def inspected(name: str) -> Service:
    done = subprocess.run(["podman", "container", "inspect", name], capture_output=True, text=True, check=True)
    state = json.loads(done.stdout)[0]["State"]
    return Service(name, state["Running"], state["Pid"], state.get("ConmonPid", 0), state["StartedAt"])


if __name__ == "__main__":
    sys.exit(main())
