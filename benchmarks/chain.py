"""The chain base, openstack-base, keystone-base, keystone: from nothing, again, and with one file changed.

Kolla 23.0.0 builds its own templates with docker's BuildKit; our `kolla-build` builds the same templates with the same
engine, and `kollage` its own catalogue with buildah. Each has a store and caches of its own, empty at first, and the
same sources. The bare work stands beside them: what our four images hold, installed into a root file system with no
engine at all. Seconds are those of a clock, CPU seconds those of the whole machine, on which nothing else may run. Then
the images' sizes. Arguments choose of: bare, catalogue, templates, kolla.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.engine.engines import programs
from tests.engine.engines.conftest import daemon, output, store
from tests.engine.test_kolla_tree import OVERRIDE
from tests.peer.conftest import made

from kollage import bootstrap, releases, sources, tools
from kollage.catalogue import IMAGES, load_catalogue
from kollage.image import Image, Source
from kollage.options import Options, load_options
from kollage.sources.download import network_of
from kollage.sources.store import Store

CHAIN = ("base", "openstack-base", "keystone-base", "keystone")
WISH = "^keystone$"
QUIET = 0.3  # of the processors, before a measurement begins
TRUST = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
BUNDLE = "/etc/ssl/certs/host.crt"
Environ = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Who builds: the command, where, and the file that is changed."""

    name: str
    command: Sequence[str]
    environ: Environ
    changed: Path
    sizes: Callable[[], dict[str, int]]


@dataclass(frozen=True)
class Material:
    """What all build from."""

    options: Options
    release: releases.Release
    root: Path  # the base's root file system, an archive
    requirements: Path  # a folder with upper-constraints.txt
    keystone: Path  # its source, an archive
    bundle: Path | None


def main(chosen: Sequence[str]) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(prefix="kollage-bench-") as name:
        folder = Path(name)
        material = prepare(folder)
        print("| who | what | s | CPU s of the machine | built |")
        print("|:----|:-----|--:|---------------------:|:------|", flush=True)
        if "bare" in chosen:
            tell("bare work", "from nothing", *measured(lambda: bare(material, folder / "bare")))
            shutil.rmtree(folder / "bare")
        sizes: dict[str, dict[str, int]] = {}
        for contender in (CONTENDERS[name] for name in chosen if name in CONTENDERS):
            with contender(material, folder) as who:
                contest(who)
                sizes[who.name] = who.sizes()
        print_sizes(sizes)


def contest(who: Contender) -> None:
    """From nothing, again, one file changed."""
    tell(who.name, "from nothing", *measured(lambda: run(who)))
    tell(who.name, "again", *measured(lambda: run(who)))
    with who.changed.open("a", encoding="utf-8") as script:
        script.write("# changed\n")
    tell(who.name, "extend_start.sh of keystone changed", *measured(lambda: run(who)))


def run(who: Contender) -> str:
    """Build, and say what was built where it is told."""
    done = subprocess.run(who.command, env={**os.environ, **who.environ}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{who.name} failed\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    if "--format=json" not in who.command:
        return ""
    results = json.loads(done.stdout)["results"]
    return " ".join(each["image"] for each in results if each["status"] == "built")


def measured(work: Callable[[], str]) -> tuple[str, float, float]:
    """What a work says, its seconds, and how long the machine's processors were busy meanwhile."""
    wait_for_quiet()
    began, busy = time.perf_counter(), busy_seconds()
    said = work()
    return said, time.perf_counter() - began, busy_seconds() - busy


def tell(who: str, what: str, said: str, seconds: float, busy: float) -> None:
    """Print a line of the table."""
    print(f"| {who} | {what} | {seconds:.2f} | {busy:.2f} | {said} |", flush=True)


def busy_seconds() -> float:
    """The seconds that all processors were busy since the machine started."""
    fields = list(map(int, Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def wait_for_quiet() -> None:
    """Wait a minute at most until nothing else runs, and say where it does."""
    for _ in range(60):
        before = busy_seconds()
        time.sleep(1)
        if busy_seconds() - before < QUIET:
            return
    print("(something else runs on this machine)", flush=True)


# --- what all build from ---


def prepare(folder: Path) -> Material:
    """Fetch the sources and make the base's root file system, once for all."""
    options = load_options("build", [], os.environ)
    release = releases.load_release(options.release, IMAGES / "releases")
    recipe = bootstrap.base(options, epoch=release.epoch, reason="").bootstrap
    assert recipe, "this base is not made from the archive"
    whole = replace(recipe, rules=())  # as the image is that a registry has under the name that Kolla begins with
    bootstrap.make_root(whole, folder / "root.tar", lambda _line: None)
    requirements = folder / "requirements"
    requirements.mkdir()
    pins = [line.split()[0] for line in release.constraints.read_text(encoding="utf-8").splitlines() if "==" in line]
    (requirements / "upper-constraints.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
    keystone = source(load_catalogue().images["keystone-base"].sources[0], options, release)
    return Material(options, release, folder / "root.tar", requirements, keystone, options.ca_bundle)


def source(wanted: Source, options: Options, release: releases.Release) -> Path:
    """The archive of a source."""
    kept, network = Store(options.cache_dir / "sources"), network_of(options.network, options.ca_bundle)
    project = replace(wanted, version=wanted.version or release.projects[wanted.location])
    pin = sources.pin(
        project, release=release, locals_base=str(Path.cwd()), arch=options.base_arch, store=kept, network=network
    )
    return sources.fetch(pin, kept, network)


# --- who builds ---


@contextmanager
def ours(_material: Material, folder: Path) -> Iterator[Contender]:
    """Our catalogue, with buildah; the base is made from the archive again."""
    own = folder / "ours"
    images = own / "images"
    shutil.copytree(IMAGES, images)
    flags = [f"--images-dir={images}", f"--cache-dir={own}/cache", "--engine=buildah", "--format=json"]
    with store(own):
        where = {"CONTAINERS_STORAGE_CONF": str(own / "storage.conf")}
        yield Contender(
            name="kollage, its catalogue, buildah",
            command=[sys.executable, "-m", "kollage", "build", *flags, WISH],
            environ=where,
            changed=images / "keystone/keystone/extend_start.sh",
            sizes=lambda: {name: buildah_size(name) for name in CHAIN},
        )


def buildah_size(name: str) -> int:
    """The bytes of an image of our catalogue."""
    listed = json.loads(output("podman", "images", "--format=json", f"kolla/{name}"))  # a row for each name
    sizes = {each["Id"]: int(each["Size"]) for each in listed if any(":fp-" not in tag for tag in each["Names"])}
    (size,) = sizes.values()
    return size


@contextmanager
def kolla(material: Material, folder: Path) -> Iterator[Contender]:
    """Kolla and its templates, with docker."""
    package = folder / "peer" / "kolla"
    shutil.copytree(next(made().glob("lib/python3*/site-packages/kolla")), package)
    with docker(material, folder / "docker-kolla") as (environ, flags):
        yield Contender(
            name="kolla 23.0.0, docker",
            command=[str(made() / "bin" / "kolla-build"), *flags, WISH],
            environ={**environ, "PYTHONPATH": str(package.parent)},
            changed=package / "docker/keystone/keystone/extend_start.sh",
            sizes=lambda: docker_sizes(environ),
        )


@contextmanager
def ours_of_kolla(material: Material, folder: Path) -> Iterator[Contender]:
    """Kolla's templates, built by ours with docker."""
    tree = folder / "tree"
    shutil.copytree(next(made().glob("lib/python3*/site-packages/kolla")) / "docker", tree)
    with docker(material, folder / "docker-ours") as (environ, flags):
        own = [f"--images-dir={tree}", f"--cache-dir={folder}/docker-ours-cache", "--base-source=registry"]
        yield Contender(
            name="kollage, Kolla's templates, docker",
            command=[sys.executable, "-m", "kollage", "kolla-build", *own, *flags, WISH],
            environ=environ,
            changed=tree / "keystone/keystone/extend_start.sh",
            sizes=lambda: docker_sizes(environ),
        )


@contextmanager
def docker(
    material: Material, folder: Path, config: str = "", override: str = OVERRIDE
) -> Iterator[tuple[Environ, list[str]]]:
    """A daemon of its own that has the base image, and the flags that both tools build with."""
    home = folder.with_suffix(".home")
    (home / ".docker/cli-plugins").mkdir(parents=True)
    (home / ".docker/cli-plugins/docker-buildx").symlink_to(programs.buildx())
    (home / "kolla-build.conf").write_text(config or sections(material), encoding="utf-8")
    (home / "override.j2").write_text(override, encoding="utf-8")
    with daemon(folder) as made_here:
        environ = {"HOME": str(home), "DOCKER_HOST": made_here.url}
        import_base(material, home, environ)
        yield (
            environ,
            [
                *("--base=debian", "--engine=docker", "--nopull", "--network_mode=host", "--threads=2"),
                f"--config-file={home}/kolla-build.conf",
                f"--template-override={home}/override.j2",
            ],
        )


def sections(material: Material) -> str:
    """The configuration that names the sources."""
    chosen = {"openstack-base": material.requirements, "keystone-base": material.keystone}
    return "[DEFAULT]\n" + "".join(f"[{name}]\ntype = local\nlocation = {path}\n" for name, path in chosen.items())


def import_base(material: Material, home: Path, environ: Environ) -> None:
    """Give the daemon the base image under the name that templates expect; it trusts whom this machine trusts."""
    output("docker", "import", str(material.root), "root:1", **environ)
    text = "FROM root:1\n"
    if material.bundle:
        shutil.copy(material.bundle, home / "bundle")
        text += f"COPY bundle {BUNDLE}\n" + "".join(f"ENV {name}={BUNDLE}\n" for name in TRUST)
    (home / "Dockerfile").write_text(text, encoding="utf-8")
    output("docker", "build", "--tag=debian:trixie", str(home), **environ, DOCKER_BUILDKIT="0")


def docker_sizes(environ: Environ) -> dict[str, int]:
    """The bytes of Kolla's images."""
    found = {}
    for line in output("docker", "images", "--format={{.Repository}} {{.ID}}", **environ).splitlines():
        name, _, image = line.partition(" ")
        if name.rpartition("/")[2] in CHAIN:
            size = output("docker", "image", "inspect", "--format={{.Size}}", image, **environ)
            found[name.rpartition("/")[2]] = int(size)
    return found


# --- the bare work ---


def bare(material: Material, root: Path) -> str:
    """Install what our four images hold into a root file system, with no engine."""
    recipe = bootstrap.base(material.options, epoch=material.release.epoch, reason="").bootstrap
    assert recipe
    root.mkdir()
    bootstrap.make_root(recipe, root.with_suffix(".tar"), lambda _line: None)
    with tarfile.open(root.with_suffix(".tar")) as tar:
        tar.extractall(root, filter="fully_trusted")
    catalogue = load_catalogue()
    furnish(material, root)
    for name in CHAIN:
        install(catalogue.images[name], root)
    return ""


def furnish(material: Material, root: Path) -> None:
    """Put into a root file system what the installing needs."""
    shutil.copy(tools.uv_folder(material.options.cache_dir) / "uv", root / "usr/local/bin/uv")
    shutil.copytree(material.requirements, root / "requirements")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    excludes = IMAGES / "base/dpkg_excludes"
    shutil.copy(excludes, root / "etc/dpkg/dpkg.cfg.d/excludes")
    (root / "etc/dpkg/dpkg.cfg.d/unsafe").write_text("force-unsafe-io\n", encoding="utf-8")
    if material.bundle:
        (root / BUNDLE[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(material.bundle, root / BUNDLE[1:])
    with tarfile.open(material.keystone) as tar:
        tar.extractall(root / "source", filter="fully_trusted")
    (top,) = (root / "source").iterdir()
    top.rename(root / "keystone")


def install(image: Image, root: Path) -> None:
    """What an image adds: packages, an environment, wheels that are compiled, requirements."""
    apt = "apt-get -qq -o Dpkg::Use-Pty=0"
    wanted = " ".join([*image.packages.on("debian"), *image.python.compilers.on("debian")])
    lines = [f"{apt} update && {apt} install -y --no-install-recommends {wanted}"] if wanted else []
    python = "/var/lib/kolla/venv/bin/python"
    if image.python.create:
        lines.append("uv venv --quiet --system-site-packages /var/lib/kolla/venv")
    limits = "--constraint /requirements/upper-constraints.txt"
    if image.python.wheels:
        wheels = " ".join(image.python.wheels)
        lines.append(f"{python} -m pip -q wheel --no-deps --wheel-dir /wheels {limits} {wheels}")
        lines.append(f"uv pip install --quiet --no-deps --python {python} /wheels/*.whl && rm -r /wheels")
    if image.python.packages:
        packages = " ".join(f"'{each}'" for each in image.python.packages)
        lines.append(f"uv pip install --quiet --python {python} {limits} {packages}")
    if lines:
        inside(root, " && ".join(lines))


def inside(root: Path, text: str) -> None:
    """Run a shell line in a root file system."""
    trusted = "".join(f"export {name}={BUNDLE}; " for name in TRUST) if (root / BUNDLE[1:]).exists() else ""
    mounts = f"mount -t proc proc {root}/proc; mount --rbind /dev {root}/dev;"
    whole = f"{mounts} exec chroot {root} sh -ec '{trusted}export UV_CACHE_DIR=/uv-cache; '\"$0\""
    command = ["unshare", "--mount", "--pid", "--fork", "sh", "-ec", whole, text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the bare work failed: {text}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def print_sizes(sizes: Mapping[str, Mapping[str, int]]) -> None:
    """Print the images' sizes beside each other."""
    names = list(sizes)
    if not names:
        return
    first, last = names[0], names[-1]
    print(f"\n| image | {' | '.join(f'{name} MB' for name in names)} | of Kolla's |")
    print(f"|:------|{'---:|' * len(names)}---:|")
    for image in CHAIN:
        cells = " | ".join(f"{sizes[name][image] / 10**6:.0f}" for name in names)
        print(f"| {image} | {cells} | {sizes[first][image] / sizes[last][image]:.0%} |")


CONTENDERS = {"catalogue": ours, "templates": ours_of_kolla, "kolla": kolla}


if __name__ == "__main__":
    main(sys.argv[1:] or ["bare", *CONTENDERS])
