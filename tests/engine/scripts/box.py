"""A container for many cases: what tests ask of it travels as lines to one driver inside, see driver.py."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.conftest import kollage, podman, running

DRIVER = Path(__file__).parent / "driver.py"
MOUNT = "/var/lib/kolla/config_files"
STATE = "/etc/kolla/defaults/state"
ALWAYS = {"KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"}
NOVA = 42436  # a user of the group kolla
ONCE = {"KOLLA_CONFIG_STRATEGY": "COPY_ONCE"}
Tree = Mapping[
    str, Any
]  # by path: a text, None for a directory, or an object with link, text, bytes, mode, owner, time


@dataclass(frozen=True)
class Done:
    """How a program ended, and what it said."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Box:
    """A container whose driver waits for orders."""

    driver: "subprocess.Popen[str]"

    def order(self, do: str, **rest: Any) -> Any:
        assert self.driver.stdin
        assert self.driver.stdout
        self.driver.stdin.write(json.dumps({"do": do} | rest) + "\n")
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        assert line, "the driver ended"
        return json.loads(line)

    def plant(self, tree: Tree) -> None:
        self.order("plant", tree=tree)

    def config(self, *config_files: Mapping[str, Any], **rest: Any) -> None:
        document = {"command": "service --flag", "config_files": list(config_files)} | rest
        self.plant({f"{MOUNT}/config.json": json.dumps(document)})

    def run(self, *argv: str, env: Mapping[str, str] | None = None, user: int = 0) -> Done:
        return Done(**self.order("run", argv=list(argv), env=dict(env or {}), user=user))

    def start(self, env: Mapping[str, str] = ALWAYS) -> Done:
        return self.run("kolla_set_configs", env=env)

    def check(self) -> Done:
        return self.run("kolla_set_configs", "--check")

    def mark(self) -> None:
        """Remember the whole container as it is."""
        self.order("mark")

    def changes(self) -> dict[str, Any]:
        """What is not as it was when it was marked, by path; None for what is gone."""
        found: dict[str, Any] = self.order("changes")
        return found

    def effects(self) -> dict[str, str]:
        """The changes in short, without what every start leaves behind."""
        kept = ("/etc/kolla", "/run_command", "/configured")
        return {path: brief(node) for path, node in self.changes().items() if not path.startswith(kept)}

    def text(self, path: str) -> str:
        """The text of a file."""
        done = self.run("cat", path)
        assert done.status == 0, done.err
        return done.out

    def reset(self) -> dict[str, Any]:
        """Remove all that came since the first mark, and tell what cannot be undone."""
        left: dict[str, Any] = self.order("reset")
        return left

    def case(self, steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Steps in a small root of their own; of each what was there before, the status, the log, and what is there."""
        answers: list[dict[str, Any]] = self.order("case", steps=list(steps))
        return answers


def brief(node: Mapping[str, Any] | None) -> str:
    """Mode, owner and content of a file; mode, owner and / of a directory; where a link leads."""
    if node is None:
        return "gone"
    user, group = node["owner"]
    content = {"folder": "/", "link": f"-> {node['content']}"}.get(node["kind"], node["content"])
    return f"{node['mode']} {user}:{group} {content}"


def entry(source: str, dest: str, **rest: Any) -> dict[str, Any]:
    """An entry of config_files; a source without a slash lies among the mounted configuration."""
    found = source if source.startswith("/") else f"{MOUNT}/{source}"
    return {"source": found, "dest": dest, "owner": "root", "perm": "0640"} | rest


def preserving(source: str, dest: str, **rest: Any) -> dict[str, Any]:
    """An entry that takes all properties from its source."""
    return {"source": f"{MOUNT}/{source}", "dest": dest, "preserve_properties": True} | rest


def place(path: str, **rest: Any) -> dict[str, Any]:
    """An entry of directories, files or permissions."""
    return {"path": path, "owner": "nova", "perm": "0640"} | rest


@contextmanager
def opened() -> Iterator[Box]:
    """A container of the base image with nothing but its own network. A case sees /proc, but no other mount."""
    done = kollage("build", "^base$")
    assert done.returncode == 0, done.stderr
    flags = (
        "--network=none",
        "--user=root",
        "--entrypoint=",
        "--tmpfs=/case:size=128m,mode=0755",
        "--tmpfs=/readonly:ro",
        "--stop-signal=KILL",
    )
    with running("base", *flags, command=("sleep", "infinity")) as container:
        pid = podman("inspect", "--format={{.State.Pid}}", container.name).strip()
        container.call("mkdir", "/case/proc")
        # from outside, so that no process inside needs the right to mount
        subprocess.run(["nsenter", f"--target={pid}", "--mount", "mount", "--bind", "/proc", "/case/proc"], check=True)
        command = ["podman", "exec", "--interactive", container.name, "python3", "-c", DRIVER.read_text()]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
            yield Box(driver)
            driver.communicate()
