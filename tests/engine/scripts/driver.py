"""Runs inside a container, with nothing but Python: one order per line on its input, one answer per line.

Orders look at the whole container (`plant`, `run`, `mark`, `changes`, `reset`), or are a `case`: several starts
of kolla_set_configs in a small root of its own, each case in a process that is gone afterwards.
"""

import base64
import hashlib
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

SCRIPT = "/usr/local/bin/kolla_set_configs"
CASE = "/case"  # the root of a case, empty but for proc
KERNEL = {"/proc", "/sys", "/dev", CASE}
SECONDS = 60  # nothing here takes as long, so what does hangs


def plant(top, tree):
    """Make what a tree says: a text is a file, null a directory, an object something with attributes."""
    for name, node in tree.items():
        path = os.path.join(top, name.lstrip("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        node = node if isinstance(node, dict) else {"folder": True} if node is None else {"text": node}
        make(path, node)
        if "owner" in node:
            os.chown(path, *node["owner"], follow_symlinks=False)
        if "mode" in node:
            os.chmod(path, node["mode"])
        if "time" in node:
            os.utime(path, ns=(node["time"], node["time"]))


def make(path, node):
    if "link" in node:
        drop(path)
        os.symlink(node["link"], path)
    elif "pipe" in node:
        os.mkfifo(path)
    elif "folder" in node:
        os.makedirs(path, exist_ok=True)
    else:
        with open(path, "wb") as stream:
            stream.write(os.fsencode(node["text"]) if "text" in node else base64.b64decode(node["bytes"]))


def drop(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def walk(top):
    """Every path below a folder with what lstat tells, the kernel's file systems left out."""
    folders = [top]
    while folders:
        for entry in os.scandir(folders.pop()):
            if entry.path in KERNEL:
                continue
            yield entry.path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)


def look(path, info):
    """What is at a path."""
    kind = stat.S_IFMT(info.st_mode)
    content = ""
    if kind == stat.S_IFREG:
        with open(path, "rb") as stream:
            text = stream.read()
        content = os.fsdecode(text) if len(text) < 4096 else hashlib.sha256(text).hexdigest()
    elif kind == stat.S_IFLNK:
        content = os.readlink(path)
    return {
        "kind": {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}.get(kind, "other"),
        "mode": f"{stat.S_IMODE(info.st_mode):04o}",
        "owner": [info.st_uid, info.st_gid],
        "content": content,
        "modified": info.st_mtime_ns if kind == stat.S_IFREG else 0,
    }


def nodes(top="/"):
    return {path: look(path, info) for path, info in walk(top)}


def snapshot(known):
    """The whole container, each path with its times of change. What `known` has with the same ones is not read again."""
    found = {}
    for path, info in walk("/"):
        stamp, before = (info.st_ctime_ns, info.st_ino), known.get(path)
        found[path] = before if before and before[0] == stamp else (stamp, look(path, info))
    return found


def differences(before, after):
    """What came, what went (null) and what is not as it was."""
    nothing = (None, None)
    fresh = {path: one[1] for path, one in after.items() if one is not before.get(path)}
    told = {path: node for path, node in fresh.items() if node != before.get(path, nothing)[1]}
    return told | {path: None for path in before.keys() - after.keys()}


def run(argv, env, user):
    done = subprocess.run(
        argv,
        env={"PATH": os.environ["PATH"], "LANG": "en_US.UTF-8"} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        user=user,
        group=user,
        extra_groups=[int(line.split(":")[2]) for line in open("/etc/group") if line.startswith("kolla:")],
    )
    return {"status": done.returncode, "out": os.fsdecode(done.stdout), "err": os.fsdecode(done.stderr)}


def load_script():
    loader = SourceFileLoader("kolla_set_configs", SCRIPT)
    module = module_from_spec(spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


def case(script, steps):
    """Carry out steps with a root of their own, in a process that cannot leave it."""
    for name in set(os.listdir(CASE)) - {"proc"}:
        drop(os.path.join(CASE, name))
    plant(CASE, {f"/etc/{name}": open(f"/etc/{name}").read() for name in ("passwd", "group")} | {"/tmp": None})
    reading, writing = os.pipe()
    if not (child := os.fork()):
        try:
            os.close(reading)
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
    _, status = os.waitpid(child, 0)
    return json.loads(text) if text else [{"status": -1, "log": f"ended without an answer: {status}"}]


def carry_out(script, step):
    """A step changes the root (`plant`, `drop`) and then may start or check; its answer tells what is there after."""
    for path in step.get("drop", ()):
        drop(path)
    plant("/", step.get("plant", {}))
    before = nodes()
    log, status = io.StringIO(), None
    if "argv" in step:
        sys.stderr = log
        script.LOG.propagate = False
        script.LOG.handlers = [script.logging.StreamHandler(log)]
        status = script.main(step["argv"], environ=step.get("env", {}))
    return {"status": status, "log": log.getvalue(), "before": before, "after": nodes()}


def main():
    script = load_script()
    first = {}
    marked = {}
    for line in sys.stdin:
        order = json.loads(line)
        answer = None
        if order["do"] == "plant":
            plant("/", order["tree"])
        elif order["do"] == "run":
            answer = run(order["argv"], order["env"], order["user"])
        elif order["do"] == "mark":
            marked = snapshot(marked)
            first = first or marked
        elif order["do"] == "changes":
            answer = differences(marked, snapshot(marked))
        elif order["do"] == "reset":
            now = snapshot(marked)
            for path in sorted(now.keys() - first.keys()):
                drop(path)
            answer = differences(first, snapshot(first))
        elif order["do"] == "case":
            answer = case(script, order["steps"])
        print(json.dumps(answer), flush=True)


main()
