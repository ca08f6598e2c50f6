"""Every engine with a store of its own, and a base made from one static program: nothing is pulled.

The engines' programs are those of this machine. Only docker's daemon is started here, as is podman's service, each with
folders of its own; what the machine itself keeps is neither seen nor touched.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kollage.engines import BuildOrder, Engine
from kollage.engines.buildah import Buildah
from kollage.engines.docker import Builder, Docker
from kollage.engines.podman import Podman
from tests.engine.engines import programs
from tests.engine.registry.conftest import free_port

BASE = "t/base:1"
LABELS = {"made": 'of "one" program'}
BUILDERS = ("buildah", "podman", "docker-classic", "docker-buildkit")
ENGINES = (*BUILDERS, "podman-service")
_WITH_US = ("setpriv", "--pdeathsig", "KILL")  # what these tests start ends with them, even if they are killed
STORES = ("buildah", "podman", "docker-classic")  # where it makes no difference who builds


@dataclass(frozen=True)
class Facts:
    """What an image says of itself."""

    labels: dict[str, str]
    layers: list[str]
    architecture: str


@dataclass
class Bench:
    """An engine and the means to look at what it made."""

    id: str
    engine: Engine
    folder: Path
    counts: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    @property
    def program(self) -> tuple[str, ...]:
        """How the engine's own program is called."""
        url = self.engine.url if isinstance(self.engine, Podman) else ""
        return (self.engine.name, "--url", url) if url else (self.engine.name,)

    @property
    def classic(self) -> bool:
        """Whether this is docker's classic builder."""
        return isinstance(self.engine, Docker) and self.engine.builder_kind() is Builder.CLASSIC

    def name(self) -> str:
        """A name that no image has yet."""
        return f"t/{self.id}-{next(self.counts)}:1"

    def order(self, text: str, files: dict[str, str] | None = None, **more: Any) -> BuildOrder:
        """An order for a Dockerfile's text in a new context."""
        context = self.folder / f"context-{next(self.counts)}"
        context.mkdir(parents=True)
        for name, content in {"Dockerfile": text, **(files or {})}.items():
            (context / name).write_text(content)
        values = {"references": (self.name(),), "network": "host", "cache": False, **more}
        return BuildOrder(context=context, dockerfile=context / "Dockerfile", **values)

    def build(self, text: str, files: dict[str, str] | None = None, **more: Any) -> str:
        """Build a Dockerfile's text and give the image's first name."""
        order = self.order(text, files, **more)
        self.run(order)
        return order.references[0]

    def run(self, order: BuildOrder) -> tuple[str, list[str]]:
        """Carry out an order; give the image's id and what was said."""
        lines: list[str] = []
        return self.engine.build(order, lines.append), lines

    def seen(self, image: str, command: str, **more: Any) -> str:
        """What a command prints on one line in an image."""
        # older buildahs lose what a command prints that ends at once
        order = self.order(f'FROM {image}\nRUN echo "seen=[$({command})]"; sleep 0.2\n', **more)
        _, lines = self.run(order)
        found = [match.group(1) for line in lines if (match := re.search(r"seen=\[([^$].*|)\]$", line))]
        assert len(found) == 1, lines
        return found[0]

    def ask(self, *arguments: str) -> str:
        """What the engine's own program answers."""
        return output(*self.program, *arguments)

    def facts(self, image: str) -> Facts:
        """What the engine says of an image."""
        if self.engine.name == "buildah":
            told = json.loads(self.ask("inspect", "--type=image", image))
            docker, oci = told["Docker"], told["OCIv1"]
            return Facts(docker["config"]["Labels"] or {}, oci["rootfs"]["diff_ids"], oci["architecture"])
        (told,) = json.loads(self.ask("image", "inspect", image))
        return Facts(told["Config"]["Labels"] or {}, told["RootFS"]["Layers"], told["Architecture"])

    def named(self, image: str) -> str:
        """The id of the image with a name; "" where none has it."""
        return next((local.id for local in self.engine.images() if image in local.references), "")


def output(*command: str, **environ: str) -> str:
    """Run a command, which has to go well, and give what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environ})
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}{done.stdout}"
    return done.stdout


def until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for something that comes by itself."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.05)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_behind() -> None:
    """Here `place` looks after what is left; the machine's own stores have no part."""


@pytest.fixture(scope="package")
def place() -> Iterator[Path]:
    """A folder with a short name, as sockets need; nothing below it may be in use at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kollage-"))
    yield folder
    until(lambda: not _processes(folder), "the end of what was started")  # who is killed is gone a moment later
    assert str(folder) not in _read(Path("/proc/self/mounts"))
    shutil.rmtree(folder)


def _processes(folder: Path) -> list[str]:
    """The command lines that name something below a folder."""
    calls = [_read(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
    return [call for call in calls if str(folder) in call]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the process has ended
        return ""


@pytest.fixture(scope="package")
def authority(place: Path) -> Path:
    """A certificate authority that all engines here trust, besides those that they trust anyway."""
    folder = place / "authority"
    folder.mkdir()
    signed(folder, "ca")
    trusted = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    known = trusted.read_text() if trusted.is_file() else ""
    (folder / "bundle.crt").write_text(known + (folder / "ca.crt").read_text())
    return folder


@pytest.fixture(scope="package")
def apart(place: Path, authority: Path) -> Iterator[Path]:
    """Engines that know nothing of this machine's stores, users and credentials; gives their home."""
    home = place / "home"
    programs.docker_squash()
    with pytest.MonkeyPatch.context() as patch:
        (home / ".docker/cli-plugins").mkdir(parents=True)
        (home / ".docker/cli-plugins/docker-buildx").symlink_to(programs.buildx())
        patch.setenv("HOME", str(home))
        patch.setenv("SSL_CERT_FILE", str(authority / "bundle.crt"))
        patch.setenv("PATH", f"{programs.docker_squash().parent}:{os.environ['PATH']}")
        for name in ("DOCKER_CONFIG", "DOCKER_CONTEXT", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "CONTAINER_HOST"):
            patch.delenv(name, raising=False)
        yield home


@contextmanager
def daemon(folder: Path) -> Iterator["Daemon"]:
    """A docker daemon with process ids and mounts of its own: whoever ends it ends all that it started."""
    folder.mkdir()
    (folder / "daemon.json").write_text("{}")
    url = f"unix://{folder}/docker.sock"
    apart = [*_WITH_US, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    where = [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid", f"--host={url}"]
    closed = ["--iptables=false", "--ip6tables=false", "--bridge=none", f"--config-file={folder}/daemon.json"]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen([*apart, "dockerd", *where, *closed], stdout=log, stderr=log)
    made = Daemon(child, url)
    try:
        until(lambda: child.poll() is not None or made.answers(), "the daemon")
        assert child.poll() is None, (folder / "log").read_text()
        yield made
    finally:
        made.kill()


@dataclass(frozen=True)
class Daemon:
    """A docker daemon that runs."""

    child: "subprocess.Popen[bytes]"
    url: str

    def answers(self) -> bool:
        command = ["docker", "--host", self.url, "version"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()


@contextmanager
def store(folder: Path) -> Iterator[None]:
    """A store of its own for buildah and podman."""
    config = folder / "storage.conf"
    config.write_text(f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTAINERS_STORAGE_CONF", str(config))
        yield
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in reversed([mount for mount in mounts if mount.startswith(f"{folder}/")]):
        output("umount", mount)


@contextmanager
def service(folder: Path) -> Iterator[str]:
    """A service of podman's; gives its address."""
    path = folder / "podman.sock"
    with (folder / "log").open("wb") as log:
        command = [*_WITH_US, "podman", "system", "service", "--time=0", f"unix://{path}"]
        environ = {**os.environ, "TMPDIR": str(folder)}  # where it keeps the caches of builds
        child = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
    until(path.exists, "podman's service")
    yield f"unix://{path}"
    child.terminate()
    child.wait()


@pytest.fixture(scope="package")
def archive(place: Path) -> Path:
    """The root file system of the base: a shell and what it calls, all one static program."""
    path = place / "base" / "base.tar"
    path.parent.mkdir()
    busybox = shutil.which("busybox")
    assert busybox, "busybox-static is not installed"
    commands = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    with tarfile.open(path, "w") as tar:
        for folder in ("bin", "etc", "tmp", "proc", "sys", "dev"):
            member = tarfile.TarInfo(folder)
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(member)
        tar.add(busybox, "bin/busybox")
        for name in sorted({"sh", *commands} - {"busybox"}):
            member = tarfile.TarInfo(f"bin/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(member)
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let each engine have its turn; a class may name those that make a difference for it."""
    if "bench" in metafunc.fixturenames:
        metafunc.parametrize("bench", getattr(metafunc.cls, "engines", ENGINES), indirect=True, scope="package")


@pytest.fixture(scope="package")
def bench(request: pytest.FixtureRequest, place: Path, archive: Path, apart: Path) -> Iterator[Bench]:
    """Each engine in turn, with the base in its store."""
    folder = place / request.param
    folder.mkdir()
    with ExitStack() as stack:
        made = Bench(request.param, _engine(request.param, folder, stack), folder)
        made.engine.import_root(archive, BASE, LABELS, lambda _line: None)
        yield made


def _engine(name: str, folder: Path, stack: ExitStack) -> Engine:
    if name.startswith("docker"):
        made = stack.enter_context(daemon(folder / "d"))
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("DOCKER_HOST", made.url)
        return Docker(buildkit=name == "docker-buildkit", squash_tmp_dir=folder / "squash")
    stack.enter_context(store(folder))
    if name == "buildah":
        return Buildah(temporary=folder / "tmp")
    url = stack.enter_context(service(folder)) if name == "podman-service" else ""
    return Podman(temporary=folder / "tmp", url=url)


@pytest.fixture
def engine(bench: Bench) -> Engine:
    return bench.engine


@dataclass(frozen=True)
class Server:
    """A registry: where it listens and what it notes."""

    host: str
    log: Path

    def asked(self, status: int) -> int:
        """How many requests it has answered so."""
        return len(re.findall(rf'HTTP/1.1" {status} ', self.log.read_text()))

    def digest(self, path: str, *flags: str) -> str:
        """The digest of a manifest, as the registry itself tells it."""
        accept = ", ".join(f"application/vnd.{kind}+json" for kind in _KINDS)
        command = ["curl", "--silent", "--head", "--fail", "--header", f"Accept: {accept}", *flags]
        lines = output(*command, f"{self.host}/v2/{path}").lower().splitlines()
        return next(line.split()[1] for line in lines if line.startswith("docker-content-digest:"))


_KINDS = ("docker.distribution.manifest.v2", "oci.image.manifest.v1", "oci.image.index.v1")


@contextmanager
def registry(folder: Path, port: int, **settings: Any) -> Iterator[Server]:
    """Start a registry on a port of this machine."""
    folder.mkdir()
    http = {"addr": f"127.0.0.1:{port}", **settings.pop("http", {})}
    storage = {"filesystem": {"rootdirectory": str(folder / "data")}}
    config = {"version": "0.1", "log": {"level": "error"}, "storage": storage, "http": http, **settings}
    (folder / "config.json").write_text(json.dumps(config))
    with (folder / "log").open("wb") as log:
        command = [*_WITH_US, "docker-registry", "serve", str(folder / "config.json")]
        child = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: child.poll() is not None or _listens(port), "the registry")
        assert child.poll() is None, (folder / "log").read_text()
        yield Server(str(http["addr"]), folder / "log")
    finally:
        child.terminate()
        child.wait()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """A function that starts a registry; all end with the test."""
    with ExitStack() as stack:

        def begin(**settings: Any) -> Server:
            folder = tmp_path / f"registry-{len(list(tmp_path.glob('registry-*')))}"
            return stack.enter_context(registry(folder, free_port(), **settings))

        yield begin


@pytest.fixture
def certificate(tmp_path: Path, authority: Path) -> dict[str, str]:
    """What a registry needs to show that it is this machine."""
    return signed(tmp_path, "own", "-CA", str(authority / "ca.crt"), "-CAkey", str(authority / "ca.key"))


def signed(folder: Path, name: str, *by: str) -> dict[str, str]:
    """A certificate for this machine with its key: signed by another, or by itself."""
    files = {"certificate": f"{folder}/{name}.crt", "key": f"{folder}/{name}.key"}
    new = ["-newkey", "rsa:2048", "-nodes", "-keyout", files["key"], "-out", files["certificate"], "-days", "2"]
    output("openssl", "req", "-x509", *new, "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", *by)
    return files
