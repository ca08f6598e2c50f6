"""Runs inside a container, with nothing but Python: one order per line on its input, one answer per line.

Orders look at the whole container (`plant`, `run`, `mark`, `changes`, `reset`), or are a `case`: several starts
of kolla_set_configs in a small root of its own, each case in a process that is gone afterwards.
"""

import base64
import grp
import hashlib
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

SCRIPT = "/usr/local/bin/kolla_set_configs"
CASE = Path("/case")  # the root of a case, empty but for proc
KERNEL = {"/proc", "/sys", "/dev", str(CASE)}
SECONDS = 60  # nothing here takes as long, so what does hangs
Node = dict[str, Any]
Stamped = tuple[tuple[int, int], Node]  # the time of change and the inode of something, and what it is
Snapshot = dict[str, Stamped]


def plant(top: Path, tree: Mapping[str, Any]) -> None:
    """Make what a tree says: a text is a file, null a directory, an object something with attributes."""
    for name, given in tree.items():
        path = top / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        node: Node = given if isinstance(given, dict) else {"folder": True} if given is None else {"text": given}
        make(path, node)
        if "owner" in node:
            user, group = node["owner"]
            os.chown(path, user, group, follow_symlinks=False)
        if "mode" in node:
            path.chmod(node["mode"])
        if "time" in node:
            os.utime(path, ns=(node["time"], node["time"]))


def make(path: Path, node: Node) -> None:
    if "link" in node:
        drop(path)
        path.symlink_to(node["link"])
    elif "pipe" in node:
        os.mkfifo(path)
    elif "folder" in node:
        path.mkdir(parents=True, exist_ok=True)
    else:
        path.write_bytes(os.fsencode(node["text"]) if "text" in node else base64.b64decode(node["bytes"]))


def drop(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def walk(top: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every path below a folder with what lstat tells, the kernel's file systems left out."""
    folders = [top]
    while folders:
        for entry in os.scandir(folders.pop()):
            if entry.path in KERNEL:
                continue
            yield entry.path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)


def look(path: str, info: os.stat_result) -> Node:
    """What is at a path."""
    kind = stat.S_IFMT(info.st_mode)
    content = ""
    if kind == stat.S_IFREG:
        text = Path(path).read_bytes()
        content = os.fsdecode(text) if len(text) < 4096 else hashlib.sha256(text).hexdigest()
    elif kind == stat.S_IFLNK:
        content = str(Path(path).readlink())
    return {
        "kind": {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}.get(kind, "other"),
        "mode": f"{stat.S_IMODE(info.st_mode):04o}",
        "owner": [info.st_uid, info.st_gid],
        "content": content,
        "modified": info.st_mtime_ns if kind == stat.S_IFREG else 0,
    }


def nodes() -> dict[str, Node]:
    return {path: look(path, info) for path, info in walk("/")}


def snapshot(known: Snapshot) -> Snapshot:
    """The whole container. What `known` has with the same time of change is not read again."""
    found: Snapshot = {}
    for path, info in walk("/"):
        stamp, before = (info.st_ctime_ns, info.st_ino), known.get(path)
        found[path] = before if before and before[0] == stamp else (stamp, look(path, info))
    return found


def differences(before: Snapshot, after: Snapshot) -> dict[str, Node | None]:
    """What came, what went (null) and what is not as it was."""
    fresh = {path: one[1] for path, one in after.items() if one is not before.get(path)}
    told = {path: node for path, node in fresh.items() if path not in before or node != before[path][1]}
    return told | dict.fromkeys(before.keys() - after.keys())


def run(argv: Sequence[str], env: Mapping[str, str], user: int) -> Node:
    done = subprocess.run(
        argv,
        env={"PATH": os.environ["PATH"], "LANG": "en_US.UTF-8", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        user=user,
        group=user,
        extra_groups=[grp.getgrnam("kolla").gr_gid],
    )
    return {"status": done.returncode, "out": os.fsdecode(done.stdout), "err": os.fsdecode(done.stderr)}


def load_script() -> ModuleType:
    loader = SourceFileLoader("kolla_set_configs", SCRIPT)
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


def case(script: ModuleType, steps: Sequence[Node]) -> list[Node]:
    """Carry out steps with a root of their own, in a process that cannot leave it."""
    for path in CASE.iterdir():
        if path.name != "proc":
            drop(path)
    accounts = {name: Path(name).read_text() for name in ("/etc/passwd", "/etc/group")}
    plant(CASE, {**accounts, "/tmp": None})
    reading, writing = os.pipe()
    if not (child := os.fork()):
        try:
            signal.alarm(SECONDS)
            os.chroot(CASE)
            os.chdir("/")
            answer = [carry_out(script, step) for step in steps]
            with os.fdopen(writing, "w") as stream:
                json.dump(answer, stream)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    assert text, f"a case hung or broke the driver: {json.dumps(steps)}"
    answers: list[Node] = json.loads(text)
    return answers


def carry_out(script: ModuleType, step: Node) -> Node:
    """A step plants something and then may start or check; its answer tells what was there before and is after."""
    plant(Path("/"), step.get("plant", {}))
    before = nodes()
    log, status = io.StringIO(), None
    if "argv" in step:
        script.LOG.propagate = False
        script.LOG.handlers = [script.logging.StreamHandler(log)]
        status = script.main(step["argv"], environ=step.get("env", {}))
    return {"status": status, "log": log.getvalue(), "before": before, "after": nodes()}


def main() -> None:
    script = load_script()
    first: Snapshot = {}
    marked: Snapshot = {}
    for line in sys.stdin:
        order = json.loads(line)
        answer: Any = None
        match order["do"]:
            case "plant":
                plant(Path("/"), order["tree"])
            case "run":
                answer = run(order["argv"], order["env"], order["user"])
            case "mark":
                marked = snapshot(marked)
                first = first or marked
            case "changes":
                answer = differences(marked, snapshot(marked))
            case "reset":
                now = snapshot(marked)
                for path in sorted(now.keys() - first.keys()):
                    drop(Path(path))
                answer = differences(first, {path: one for path, one in now.items() if path in first})
            case "case":
                answer = case(script, order["steps"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
