"""How much smaller are our images? Beside every one that Kolla 23.0.0 builds itself without a vendor's server.

Kolla builds its own templates for Debian with docker's BuildKit. What its sources name on a git server comes from the
package index, in the versions of our release; what it takes from vendors' repositories comes from Debian, as in ours.
Ours are those of the proof table, which `make proof` measured. What Kolla could not build is named with its reason, and
compared with nothing. A size is that of all layers, unpacked. Arguments are regular expressions for some images.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.chain import Environ, Material, docker, output, prepare, source
from tests.engine.test_kolla_tree import OVERRIDE
from tests.peer.conftest import made

from kollage.errors import KollageError
from kollage.image import Source
from kollage.releases import Release

WANTED = 0.6
TABLE = Path(__file__).parents[1] / "docs/proof/catalogue.json"
# a short script from a git server, what holds for vendors' packages only, collections from Ansible's server
BLOCKS = (
    *("mariadb_healthcheck", "rabbitmq_apt_preferences", "rabbitmq_install_plugins"),
    "kolla_toolbox_collections_install",
)
OTHERS = """\
{% set neutron_base_packages_remove = ["docker-ce-cli"] %}
{% set neutron_base_packages_append = ["docker-cli"] %}
"""
DEBIAN = {
    "url": "http://deb.debian.org/debian",
    "suite": "trixie",
    "component": "main",
    "gpg_key": "/usr/share/keyrings/debian-archive-keyring.gpg",
}
VENDORS = ("erlang", "docker-ce", "fluentd", "mariadb", "proxysql", "rabbitmq")
# plugins from other servers: a script of a few lines, and a program in whose place an empty file is installed
NOTHING = ("mariadb-server-plugin-mariadb-docker", "magnum-conductor-plugin-helm")
PROJECT = re.compile(r"/openstack/([^/]+)/|/(gnocchi)\.git")


def main(chosen: Sequence[str]) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="kollage-bench-") as name:
        folder = Path(name)
        material = prepare(folder)
        with docker(
            material, folder / "docker", config="".join(sections(material)), override=OVERRIDE + unreached()
        ) as (environ, flags):
            failed = build([*flags, *chosen], environ, folder)
            tell(sizes(environ), ours(), failed)


# --- what Kolla builds from ---


def sections(material: Material) -> Iterator[str]:
    """The configuration: where each source is that the package index has."""
    nothing = material.root.parent / "linux-amd64"
    nothing.mkdir()
    (nothing / "helm").touch()
    yield "[DEFAULT]\n"
    yield from (f"[{name}]\ntype = local\nlocation = {nothing}\n" for name in NOTHING)
    for name in ("openstack-base", "kolla-toolbox"):
        yield f"[{name}]\ntype = local\nlocation = {material.requirements}\n"
    package = next(made().glob("lib/python3*/site-packages/kolla"))
    for name, each in yaml.safe_load((package / "common/sources.yaml").read_text(encoding="utf-8")).items():
        match = PROJECT.search(each["location"])
        if match and name not in ("openstack-base", "kolla-toolbox"):
            path = archive(name, match.group(1) or match.group(2), material)
            yield f"[{name}]\ntype = local\nlocation = {path}\n" if path else ""


def archive(section: str, project: str, material: Material) -> Path | None:
    """The source of a project; None where the release does not know it."""
    known = pinned(material.release)
    names = [each for each in (f"openstack-{project}", f"python-{project}", project) if each in known]
    if not names:
        return None
    wanted = Source(name=section, type="pypi", location=names[0], version=known[names[0]])
    try:
        return source(wanted, material.options, material.release)
    except KollageError as error:
        print(f"(no source of {project}: {error})", flush=True)
        return None


def pinned(release: Release) -> Mapping[str, str]:
    """The version of each project and library of a release."""
    lines = release.constraints.read_text(encoding="utf-8").splitlines()
    pairs = (line.split()[0].partition("==") for line in lines if "==" in line)
    return {**{name: version for name, _, version in pairs}, **release.projects}


def unreached() -> str:
    """An override that leaves out what only other servers have, or takes Debian's; Kolla's images are smaller by it."""
    return OTHERS + "".join(f"{{% block {name} %}}{{% endblock %}}\n" for name in BLOCKS)


# --- building and measuring ---


def build(flags: Sequence[str], environ: Environ, folder: Path) -> dict[str, str]:
    """Build what can be built; gives the last words on each image that cannot."""
    repositories = folder / "repos.yaml"
    repositories.write_text(yaml.safe_dump({"debian": dict.fromkeys(VENDORS, DEBIAN)}), encoding="utf-8")
    summary = folder / "summary.json"
    own = [f"--repos-yaml={repositories}", f"--summary-json-file={summary}", "--format=json"]
    command = [str(made() / "bin" / "kolla-build"), *own, "--retries=0", *flags]
    with (folder / "kolla.log").open("w", encoding="utf-8") as log:
        subprocess.run(command, env={**os.environ, **environ}, stdout=log, stderr=subprocess.STDOUT, check=False)
    if not summary.is_file():
        raise SystemExit((folder / "kolla.log").read_text(encoding="utf-8")[-4000:])
    told = json.loads(summary.read_text(encoding="utf-8"))
    if not told["built"]:
        raise SystemExit((folder / "kolla.log").read_text(encoding="utf-8")[-4000:])
    names = [each["name"] for each in told["failed"]]
    text = (folder / "kolla.log").read_text(encoding="utf-8", errors="replace")
    return {name: last_words(text, name) for name in sorted(names)}


def last_words(log: str, name: str) -> str:
    """Why an image could not be built, as the log says; its source is the first thing that can be missing."""
    lines = [line.split(f".{name}:", 1)[1] for line in log.splitlines() if f"kolla.common.utils.{name}:" in line]
    if not lines:
        return "its parent was not built"
    telling = [match.group() for line in lines if (match := re.search(r"\b(E|curl|fatal): .*", line))]
    return (telling or ["its source cannot be had here"])[0].strip()[:160]


def sizes(environ: Environ) -> dict[str, int]:
    """The bytes of each of Kolla's images."""
    rows = output("docker", "images", "--format={{.Repository}} {{.ID}}", **environ).splitlines()
    images = dict(line.split() for line in rows if line.startswith("kolla/"))
    asked = ("docker", "image", "inspect", "--format={{.Size}}")
    return {name.rpartition("/")[2]: int(output(*asked, image, **environ)) for name, image in sorted(images.items())}


def ours() -> dict[str, int]:
    """The bytes of each of our images, by the table."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    return {name: row["size"] for name, row in rows.items() if "@" not in name and row.get("size")}


def tell(theirs: Mapping[str, int], here: Mapping[str, int], failed: Mapping[str, str]) -> None:
    """Print the table, its summary, and what is not in it."""
    both = [name for name in theirs if name in here]
    shares = {name: here[name] / theirs[name] for name in both}
    print("| image | kollage MB | kolla 23.0.0 MB | of Kolla's | wanted |")
    print("|:------|-----------:|----------------:|-----------:|:-------|")
    for name in both:
        cells = f"{here[name] / 10**6:.0f} | {theirs[name] / 10**6:.0f} | {shares[name]:.0%}"
        print(f"| {name} | {cells} | {'yes' if shares[name] <= WANTED else 'NO'} |")
    within = sum(share <= WANTED for share in shares.values())
    print(f"\n{within} of {len(both)} images are within {WANTED:.0%};", end=" ")
    print(f"median {statistics.median(shares.values()):.0%}, largest {max(shares.values()):.0%}")
    print(f"\nOnly Kolla's: {', '.join(name for name in theirs if name not in here) or 'none'}")
    print("\nNot built by Kolla here, and so not compared:\n")
    for name, reason in failed.items():
        print(f"- {name}: `{reason}`")


if __name__ == "__main__":
    main(sys.argv[1:])
