"""Several build hosts on one machine: network namespaces on a bridge, each with a store and a home of its own.

Scheduler, registry and client are on the machine's side of the bridge, the registry behind TLS. Images are made from
one static program, so that a build takes no longer than it is told to.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.engine.registry.certificates import Authority

BUSYBOX = Path("/bin/busybox")
TAG = "2026.2-debian-trixie"
LONG = 240  # seconds after which something that should have happened never will
_BEGIN = "FROM {{ namespace }}/{{ image_prefix }}%s:{{ tag }}\n"
_QUICK = {  # a scheduler that misses a worker soon, and does not hold it against a step
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "20",
}


def until(condition: Callable[[], object], what: str, seconds: float = LONG) -> None:
    """Wait for something that happens elsewhere."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it never happened: {what}"
        time.sleep(0.1)


def ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"


@dataclass
class Child:
    """A program that runs, and what it says."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def takes_steps(self) -> bool:
        """Whether it is a worker that is known to the scheduler."""
        return "takes steps" in self.said

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and all that it started in its group."""
        os.killpg(self.process.pid, number)

    def killed(self) -> None:
        """End it as a power failure does, with all that it started."""
        pids = _family(self.process.pid)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()

    def ended(self) -> int:
        return self.process.wait(timeout=LONG)


def _family(pid: int) -> list[int]:
    """A process and all that descends from it: builds run in sessions of their own."""
    found = [pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid:
            found += _family(int(path.parent.name))
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Hosts:
    """The machine's side: folders, certificates, and how to start what runs on it."""

    root: Path
    number: int
    stack: ExitStack
    children: list[Child] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"10.213.{self.number}.1"

    @property
    def registry(self) -> str:
        return f"{self.address}:5000"

    @property
    def scheduler(self) -> str:
        return f"tls://{self.address}:8786"

    @property
    def certs(self) -> Path:
        return self.root / "certs"

    def namespace(self, name: str) -> str:
        return f"kollage-{self.number}-{name}"

    def cable(self, name: str) -> str:
        """The machine's end of a host's cable."""
        return f"kl{self.number}{name}"

    def begin(self, name: str, *command: str | Path, netns: str = "", **environ: str) -> Child:
        """Start a program; it is ended with the test."""
        log = self.root / f"{name}.log"
        inside = ["ip", "netns", "exec", netns] if netns else []
        with log.open("ab") as file:
            process = subprocess.Popen(
                [*inside, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**_environment(self.root / name), **environ},
                cwd=self.root,
                start_new_session=True,
            )
        child = Child(process, log)
        self.children.append(child)
        return child

    def start_registry(self) -> Child:
        config = self.root / "registry.json"
        facts = {
            "version": "0.1",
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": str(self.root / "registry-data")}},
            "http": {"addr": self.registry, "tls": self.authority.server(self.address)},
        }
        config.write_text(json.dumps(facts))
        child = self.begin("registry", "docker-registry", "serve", config)
        until(lambda: _listens(self.address, 5000), "the registry listens")
        return child

    @property
    def authority(self) -> "RegistryAuthority":
        return RegistryAuthority(self.root / "registry-authority")

    def start_scheduler(self, *more: str, certs: Path | None = None) -> Child:
        folder = certs or self.certs
        child = self.begin(
            "scheduler",
            sys.executable,
            "-m",
            "dask",
            "scheduler",
            "--protocol=tls",
            f"--host={self.address}",
            "--port=8786",
            "--no-dashboard",
            "--preload=kollage.distributed.preload",
            f"--tls-ca-file={folder / 'ca.crt'}",
            f"--tls-cert={folder / 'scheduler.crt'}",
            f"--tls-key={folder / 'scheduler.key'}",
            *more,
            **_QUICK,
        )
        until(lambda: _listens(self.address, 8786), "the scheduler listens")
        return child

    def start_worker(self, name: str, *flags: str, certs: Path | None = None, **environ: str) -> Child:
        """A worker on the host of that name, which is plugged in first."""
        self._plug_in(name)
        home = self.root / name
        return self.begin(
            name,
            sys.executable,
            "-m",
            "kollage",
            "worker",
            f"--scheduler={self.scheduler}",
            f"--certs-dir={self._certs_of('worker', home, certs or self.certs)}",
            f"--worker-name={name}",
            "--engine=buildah",
            "--threads=2",
            *flags,
            netns=self.namespace(name),
            **{**_QUICK, "CONTAINERS_STORAGE_CONF": str(home / "storage.conf"), **environ},
        )

    def start_by_dask(self, name: str) -> Child:
        """A worker as Dask's own tools start it."""
        self._plug_in(name)
        home = self.root / name
        certs = self._certs_of("worker", home, self.certs)
        child = self.begin(
            name,
            sys.executable,
            "-m",
            "dask",
            "worker",
            self.scheduler,
            "--preload=kollage.distributed.preload",
            "--no-nanny",
            "--no-dashboard",
            "--nthreads=8",
            f"--tls-ca-file={certs / 'ca.crt'}",
            f"--tls-cert={certs / 'worker.crt'}",
            f"--tls-key={certs / 'worker.key'}",
            netns=self.namespace(name),
            **{
                **_QUICK,
                "CONTAINERS_STORAGE_CONF": str(home / "storage.conf"),
                "KOLLAGE_WORKER": f"--certs-dir={certs} --worker-name={name} --engine=buildah --threads=2",
            },
        )
        until(lambda: "Registered to" in child.said, f"{name} is known")
        return child

    def inspected(self, image: str, tag: str = TAG) -> Any:
        """The manifest or the index that the registry has under a name."""
        certs = self.root / "client/.config/containers/certs.d" / self.registry
        done = subprocess.run(
            ["skopeo", "inspect", "--raw", f"--cert-dir={certs}", f"docker://{self.registry}/kolla/{image}:{tag}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start_workers(self, *names: str) -> dict[str, Child]:
        """Workers that are known to the scheduler."""
        started = {name: self.start_worker(name) for name in names}
        for name, child in started.items():
            until(child.takes_steps, f"{name} takes steps")
        return started

    plugged: set[str] = field(default_factory=set)

    def _plug_in(self, name: str) -> None:
        if name in self.plugged:
            return
        self.plugged.add(name)
        netns, cable = self.namespace(name), self.cable(name)
        ip("netns", "add", netns)
        self.stack.callback(ip, "netns", "del", netns)
        ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", netns)
        ip("link", "set", cable, "master", f"klbr{self.number}", "up")
        ip("-n", netns, "addr", "add", f"10.213.{self.number}.{10 + len(self.plugged)}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", netns, "link", "set", device, "up")
        home = self.root / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{home}/store"\nrunroot = "{home}/run"\n'
        )
        self.trusting(home)

    def unplug(self, name: str) -> None:
        ip("link", "set", self.cable(name), "down")

    def plug(self, name: str) -> None:
        ip("link", "set", self.cable(name), "up")

    def trusting(self, home: Path) -> None:
        """Let the user of a home trust the registry."""
        folder = home / ".config/containers/certs.d" / self.registry
        folder.mkdir(parents=True)
        shutil.copy(self.authority.ca, folder / "ca.crt")

    @staticmethod
    def _certs_of(role: str, home: Path, source: Path) -> Path:
        """A folder with what a role needs and nothing else."""
        own = home / f"certs-{source.name}"
        own.mkdir(parents=True, exist_ok=True)
        for name in ("ca.crt", f"{role}.crt", f"{role}.key"):
            shutil.copy(source / name, own / name)
        return own

    def build(self, *words: str, name: str = "client", certs: Path | None = None, **environ: str) -> Child:
        """Start a build of the tree on the workers."""
        home = self.root / name
        if not (home / ".config").exists():
            self.trusting(home)
        return self.begin(
            name,
            sys.executable,
            "-m",
            "kollage",
            "build",
            f"--scheduler={self.scheduler}",
            f"--certs-dir={self._certs_of('client', home, certs or self.certs)}",
            f"--registry={self.registry}",
            f"--images-dir={self.root / 'tree'}",
            *words,
            **{**_QUICK, **environ},
        )

    def results(self, child: Child) -> dict[str, Any]:
        """The results that a build with --format json printed, by step."""
        code = child.ended()
        text = child.said
        assert code == 0, text
        results, _ = json.JSONDecoder().raw_decode(text[text.index("{\n") :])
        return {each["step"]: each for each in results["results"]}

    def image(self, name: str, parent: str, *lines: str) -> None:
        """An image of the tree; one without a parent is the static program itself."""
        folder = self.root / "tree" / name
        folder.mkdir(parents=True)
        begin = _BEGIN % parent if parent else "FROM scratch\nCOPY busybox /bin/busybox\n"
        if not parent:
            shutil.copy(BUSYBOX, folder / "busybox")
        shell = "".join(f'RUN ["/bin/busybox", "sh", "-c", "{line}"]\n' for line in lines)
        (folder / "Dockerfile.j2").write_text(begin + shell)

    def log_of(self, image: str, client: str = "client") -> str:
        """What the client wrote of a step so far."""
        found = sorted((self.root / client / "cache/kollage/logs").glob(f"*/{image}.log"))
        return found[-1].read_text(encoding="utf-8") if found else ""

    def builder_of(self, image: str) -> str:
        """The worker that has taken up an image last; waits for it."""
        until(lambda: "on w" in self.log_of(image), f"{image} is taken up")
        return [line for line in self.log_of(image).splitlines() if line.startswith("on w")][-1].removeprefix("on ")

    def built_ids(self, image: str) -> set[str]:
        """The ids of all images of that name in the stores of the workers."""
        found = set()
        for path in self.root.glob("w*/store/vfs-images/images.json"):
            rows = json.loads(path.read_text(encoding="utf-8"))
            found |= {row["id"] for row in rows if any(f"/{image}:fp-" in name for name in row.get("names") or ())}
        return found

    def published(self) -> Mapping[str, list[str]]:
        """The digests of all manifests that the registry ever took, by image."""
        found: dict[str, list[str]] = {}
        for folder in (self.root / "registry-data").glob("**/_manifests/revisions/sha256"):
            image = folder.parents[2].name
            if image != "kollage-plans":
                found[image] = sorted(path.name for path in folder.iterdir())
        return found

    def require_whole(self, *images: str) -> None:
        """See that each image can be had from the registry, under its name, and was pushed once alone."""
        for image in images:
            target = self.root / "pulled" / image
            target.mkdir(parents=True, exist_ok=True)
            certs = self.root / "client/.config/containers/certs.d" / self.registry
            done = subprocess.run(
                ["skopeo", "copy", "--quiet", "--insecure-policy", f"--src-cert-dir={certs}",
                 f"docker://{self.registry}/kolla/{image}:{TAG}", f"dir:{target}"],
                capture_output=True,
                text=True,
                check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        pushed = self.published()
        assert {image: len(pushed[image]) for image in images} == dict.fromkeys(images, 1)


@dataclass(frozen=True)
class RegistryAuthority:
    """The authority of the registry alone."""

    folder: Path

    @property
    def ca(self) -> Path:
        self._made()
        return self.folder / "ca.crt"

    def server(self, address: str) -> dict[str, str]:
        made = self._made()
        made._sign("server", f"subjectAltName=IP:{address}")
        return {"certificate": str(self.folder / "server.crt"), "key": str(self.folder / "server.key")}

    def _made(self) -> Authority:
        if not self.folder.exists():
            return Authority(self.folder)
        made = object.__new__(Authority)
        object.__setattr__(made, "folder", self.folder)
        return made


def _environment(home: Path) -> dict[str, str]:
    home.mkdir(parents=True, exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TMPDIR": str(home / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OTEL_TRACES_EXPORTER": "none",
    }


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


@contextmanager
def opened(root: Path, number: int) -> Iterator[Hosts]:
    """Make the bridge and the certificates, and take everything away at the end."""
    with ExitStack() as stack:
        hosts = Hosts(root, number, stack)
        ip("link", "add", f"klbr{number}", "type", "bridge")
        stack.callback(ip, "link", "del", f"klbr{number}")
        ip("addr", "add", f"{hosts.address}/24", "dev", f"klbr{number}")
        ip("link", "set", f"klbr{number}", "up")
        done = subprocess.run(
            [sys.executable, "-m", "kollage", "certs", f"--certs-dir={hosts.certs}"],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(root / "maker"),
        )
        assert done.returncode == 0, done.stderr
        try:
            yield hosts
        finally:
            for child in reversed(hosts.children):
                if child.process.poll() is None:
                    child.killed()
            _unmount(root)


def _unmount(root: Path) -> None:
    """Take away what builds that were killed had mounted."""
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    for path in reversed([line.split()[1] for line in lines if line.split()[1].startswith(f"{root}/")]):
        subprocess.run(["umount", "--lazy", path], capture_output=True, check=False)
