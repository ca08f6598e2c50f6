"""Launch a cloud from the images of the store, try what is promised of it, and write docs/proof/cloud.md.

    python tools/cloud_proof.py [--keep] [FLAG OF kollage up ...]

Needs root and no cloud: it is launched, measured, hurt and, unless --keep is said, removed with its data.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs/proof/cloud.md"
KOLLAGE = [sys.executable, "-m", "kollage"]
HEAD = """\
# The cloud, launched and hurt

Written by `python tools/cloud_proof.py`, never by hand. {day}; {cores} cores, {memory:.0f} GiB of memory,
kernel {kernel}; other work on the machine was a load of {load} when it began. Instances run on {hypervisor};
Open vSwitch switches by the datapath {datapath}. Launched with `{command}`.

| what | promised | seen |
|:-----|:---------|:-----|
"""
Row = tuple[str, str, str]


def main(argv: Sequence[str]) -> int:
    """Do everything in order; a step that fails is a row that says so."""
    keep = "--keep" in argv
    flags = [word for word in argv if word != "--keep"]
    began = time.monotonic()
    load = f"{os.getloadavg()[1]:.0f}"
    rows: list[Row] = []
    try:
        for row in steps(flags, began):
            rows.append(row)
            sys.stdout.write(" | ".join(row) + "\n")
            sys.stdout.flush()
    finally:
        facts = record()
        write(rows, facts, load, " ".join(["kollage up", *flags]))
        if not keep:
            kollage("down", "--purge")
    return 0 if all("failed" not in row[2] for row in rows) else 1


def steps(flags: Sequence[str], began: float) -> Iterator[Row]:
    """Each promise with what was seen of it."""
    code, seconds = kollage("up", *flags)
    yield "`kollage up`, from images that are there", "", told(code, seconds)
    if code:
        return
    code, seconds = kollage("smoke")
    yield "`kollage smoke`: an instance boots and answers", "", told(code, seconds)
    yield "both together", "under 6 minutes on 2 cores", told(code, time.monotonic() - began)
    code, seconds = kollage("up")
    yield "`kollage up` again", "under 5 s", told(code, seconds)
    time.sleep(60)
    yield "memory of the whole cloud at rest (PSS of all its processes)", "under 8 GiB", f"{memory() / 2**30:.1f} GiB"
    yield from each_killed()
    yield from all_killed("all containers killed at once, then `kollage up`", first)
    yield from all_killed("every process of them and what watches them, as a power cut would", every)
    yield from changed()


def each_killed() -> Iterator[Row]:
    """Every service killed by its first process, one after the other; the engine has to bring it back."""
    lost = [name for name in running() if not comes_back(name)]
    yield "each container killed, one after the other: it is back", "all", told(len(lost), 0, ", ".join(lost))
    code, seconds = kollage("up")
    yield "all of them healthy after that", "", told(code, seconds)
    code, seconds = kollage("smoke")
    yield "the smoke test after that", "passes", told(code, seconds)


def all_killed(what: str, victims: Callable[[Any], list[int]]) -> Iterator[Row]:
    """Everything killed at once, and started again."""
    before = known()
    for pid in [pid for name in running() for pid in victims(inspected(name))]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    code, seconds = kollage("up")
    yield what, "", told(code, seconds)
    yield from the_same(before)


def first(container: Any) -> list[int]:
    """The process that a container stands on."""
    return [container["State"]["Pid"]]


def every(container: Any) -> list[int]:
    """The engine's watcher first, for it would tell of the end; then all that runs in the container."""
    inside = [int(path.name) for path in Path("/proc").glob("[0-9]*") if belongs(path, {container["Id"]})]
    return [container["State"]["ConmonPid"], *inside]


def changed() -> Iterator[Row]:
    """New secrets everywhere, then a newer image."""
    before = known()
    code, seconds = kollage("reconfigure", "--rotate-secrets")
    yield "`kollage reconfigure --rotate-secrets`", "", told(code, seconds)
    yield from the_same(before)
    image = inspected("glance-api")["Image"]
    code, seconds = kollage("build", "--force", "^glance-api$")
    code = code or kollage("upgrade")[0]
    fine = not code and inspected("glance-api")["Image"] != image
    yield "`kollage upgrade` to a newer image of Glance", "it runs", "it runs" if fine else "failed"
    yield from the_same(before)


def the_same(before: list[str]) -> Iterator[Row]:
    """Nothing that the services knew is lost, and the cloud works."""
    same = known() == before
    yield "nothing lost of what the services know", "nothing", "nothing" if same else "failed: not the same"
    code, seconds = kollage("smoke")
    yield "the smoke test after that", "passes", told(code, seconds)


def comes_back(name: str) -> bool:
    """Kill a container's first process, and wait for the engine to start it again."""
    before = inspected(name)["State"]
    os.kill(before["Pid"], signal.SIGKILL)
    for _ in range(60):
        time.sleep(1)
        state = inspected(name)["State"]
        if state["Running"] and state["StartedAt"] != before["StartedAt"]:
            return True
    return False


def known() -> list[str]:
    """What the identity, image and network services say that there is."""
    listing = (
        "import openstack; c = openstack.connect(cloud='kollage');"
        "print('\\n'.join(sorted([x.id for x in c.identity.users()] + [x.id for x in c.identity.endpoints()]"
        " + [x.id for x in c.network.networks()] + [x.id for x in c.image.images()])))"
    )
    place = folder()
    environment = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(place / "clouds.yaml")}
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, env=environment, check=True)
    return done.stdout.split()


def memory() -> int:
    """Bytes that the cloud's processes hold, what they share counted once."""
    ids = {inspected(name)["Id"] for name in running()}
    return sum(proportional(path) for path in Path("/proc").glob("[0-9]*") if belongs(path, ids) or is_instance(path))


def belongs(path: Path, ids: set[str]) -> bool:
    """Whether a process is in one of the containers."""
    try:
        groups = (path / "cgroup").read_text()
    except OSError:
        return False
    return any(each in groups for each in ids)


def is_instance(path: Path) -> bool:
    """Whether a process is an instance: libvirt gives each a control group of its own."""
    try:
        return (path / "comm").read_text().startswith("qemu-system")
    except OSError:
        return False


def proportional(path: Path) -> int:
    """The bytes of a process, with its share of what it has in common with others."""
    try:
        lines = (path / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def running() -> list[str]:
    """The services of the cloud."""
    return sorted(record().get("services", {}))


def inspected(name: str) -> Any:
    """What the engine says of a container."""
    told = subprocess.run(["podman", "container", "inspect", f"kollage-{name}"], capture_output=True, check=True)
    return json.loads(told.stdout)[0]


def folder() -> Path:
    """Where the cloud is kept."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "kollage/cloud"


def record() -> Any:
    """What is known of the cloud."""
    path = folder() / "cloud.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def kollage(*argv: str) -> tuple[int, float]:
    """Run the program; give its exit code and the seconds that it took."""
    began = time.monotonic()
    code = subprocess.run([*KOLLAGE, *argv], check=False).returncode
    return code, time.monotonic() - began


def told(code: int, seconds: float, what: str = "") -> str:
    """A result in a cell of the table."""
    if code:
        return f"failed: {what}" if what else f"failed with {code} after {seconds:.0f} s"
    return f"{seconds:.1f} s" if seconds else "all"


def write(rows: Sequence[Row], facts: Any, load: str, command: str) -> None:
    """Write the page."""
    head = HEAD.format(
        day=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        kernel=os.uname().release.partition("-")[0],
        load=load,
        command=command,
        hypervisor=facts.get("hypervisor", "nothing"),
        datapath=facts.get("datapath", "nothing"),
    )
    PAGE.write_text(head + "".join(f"| {' | '.join(row)} |\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
