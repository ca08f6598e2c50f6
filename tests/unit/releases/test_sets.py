"""What cannot live with all the others is resolved apart, as near to them as it can be, and said with its reason."""

import json
import os
from pathlib import Path

import pytest

from kollage.errors import CatalogueError
from kollage.image import Release, Source
from kollage.releases import load_release
from kollage.releases.lock import check, load_sets, lock, overruled
from kollage.releases.pins import laid_over
from kollage.sources import pin

TOML = """
name = "2026.2"
codename = "Hibiscus"
epoch = "2026-11-01"
[lock]
python = "3.12"
exclude-newer = "2026-11-01"
requirements = ["pymysql"]
[caps]
suite = "sid"
[projects]
nova = "34.0.0"
[sets.venus]
why = "it wants an old client"
requirements = ["redis"]
own = { urllib3 = "<2" }
[sets.venus.projects]
openstack-venus = "7.0.0"
"""
LOCK = "nova==34.0.0 \\\n    --hash=sha256:aa\npymysql==1.2.0 \\\n    --hash=sha256:bb\n"
APART = "openstack-venus==7.0.0 \\\n    --hash=sha256:cc\npymysql==1.1.0 \\\n    --hash=sha256:dd\n"
REDIS = "redis==6.4.0 \\\n    --hash=sha256:ee\n"

# answers with the lock, and for a set, which finds the lock where it is to write, with that of the set
FAKE_UV = f"""\
#!/usr/bin/env python3
import json, pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--output-file") + 1])
seen = {{"in": pathlib.Path("requirements.in").read_text(), "caps": pathlib.Path("caps.txt").read_text(),
         "near": out.read_text() if out.exists() else "", "arguments": sys.argv}}
with open(r"@SEEN@", "a") as file:
    file.write(json.dumps(seen) + "\\n")
out.write_text({LOCK!r} if not seen["near"] else {APART + REDIS!r})
"""


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a release with a set, beside a uv, first on PATH, that notes what it was asked."""
    programs, folder = tmp_path / "bin", tmp_path / "releases"
    programs.mkdir()
    folder.mkdir()
    (programs / "uv").write_text(FAKE_UV.replace("@SEEN@", str(tmp_path / "seen")))
    (programs / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    file = folder / "2026.2.toml"
    file.write_text(TOML)
    (folder / "2026.2.caps.txt").write_text("# how it was made\nurllib3<2.9\npymysql<1.3\n")
    return file


def asked(release: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (release.parents[1] / "seen").read_text().splitlines()]


def test_a_set_is_resolved_after_the_release_and_begins_with_its_lock(release: Path) -> None:
    lock(release)

    whole, apart = asked(release)
    assert (whole["in"], whole["near"]) == ("nova==34.0.0\npymysql\n", "")
    assert (apart["in"], apart["near"]) == ("openstack-venus==7.0.0\nredis\n", LOCK)


def test_the_bounds_of_a_set_stand_in_place_of_the_releases_for_the_same_names(release: Path) -> None:
    lock(release)

    assert asked(release)[1]["caps"] == "# how it was made\npymysql<1.3\nurllib3<2\n"
    assert overruled("a<1\nb<2\n", {}) == "a<1\nb<2\n"


def test_the_lock_of_a_set_says_why_it_is_there(release: Path) -> None:
    lock(release)

    written = release.with_name("2026.2-venus.lock").read_text()
    assert written == f"# Resolved apart: it wants an old client.\n{APART}{REDIS}"
    assert check(release) == ()


def test_a_set_takes_from_the_release_what_it_does_not_say(release: Path) -> None:
    (venus,) = load_sets(release)

    assert (venus.python, venus.exclude_newer.isoformat(), venus.suite) == ("3.12", "2026-11-01", "sid")


def test_a_set_may_be_of_another_time_and_python(release: Path) -> None:
    release.write_text(TOML.replace("why =", 'python = "3.11"\nexclude-newer = "2025-11-01"\nwhy ='))

    (venus,) = load_sets(release)

    assert (venus.python, venus.exclude_newer.isoformat()) == ("3.11", "2025-11-01")


def test_a_set_whose_lock_disagrees_is_told_by_its_name(release: Path) -> None:
    lock(release)
    release.with_name("2026.2-venus.lock").write_text(APART.replace("7.0.0", "6.0.0") + REDIS)

    assert check(release) == ("venus: openstack-venus is locked at 6.0.0 and should be ==7.0.0",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('why = "it wants an old client"', "", "sets.venus.why is missing"),
        ("[sets.venus", "[sets.Venus", "sets.Venus is no name of a set"),
        ("own =", "owns =", "sets.venus.owns is not a key that is known here"),
        ("7.0.0", "latest", "sets.venus.projects.openstack-venus is 'latest'"),
    ],
)
def test_a_mistake_names_the_set(release: Path, old: str, new: str, message: str) -> None:
    release.write_text(TOML.replace(old, new))

    with pytest.raises(CatalogueError) as caught:
        load_sets(release)

    assert caught.value.message == f"{release}: {message}"


def test_a_release_whose_set_has_no_lock_cannot_be_built_from(release: Path) -> None:
    release.with_name("2026.2.lock").write_text(LOCK)

    with pytest.raises(CatalogueError, match=r"the set venus of release 2026\.2 has no lock: .*2026\.2-venus\.lock"):
        load_release("2026.2", release.parent)


def loaded(release: Path) -> Release:
    lock(release)
    return load_release("2026.2", release.parent)


def test_images_of_a_set_have_its_versions_and_its_digests_first(release: Path) -> None:
    found = loaded(release)

    assert found.projects_of("venus") == {"nova": "34.0.0", "openstack-venus": "7.0.0"}
    assert [path.name for path in found.locks_of("venus")] == ["2026.2-venus.lock", "2026.2.lock"]


def test_images_of_a_set_that_the_release_lacks_have_what_all_have(release: Path) -> None:
    found = loaded(release)

    assert found.projects_of("curator") == {"nova": "34.0.0"}
    assert [path.name for path in found.locks_of("curator")] == ["2026.2.lock"]


def test_a_source_of_a_set_is_pinned_to_the_version_of_the_set(release: Path) -> None:
    source = Source(name="venus-base", type="pypi", location="openstack-venus", constraints="venus")

    assert pin(source, release=loaded(release)).identity == "pypi:openstack-venus==7.0.0"


def test_what_a_set_does_not_name_holds_as_for_all() -> None:
    assert laid_over(APART, LOCK) == APART + "nova==34.0.0 \\\n    --hash=sha256:aa\n"
