"""A release has some images and lacks others, and what it says of an image holds in it alone."""

from pathlib import Path

import pytest

from kollage.catalogue import Catalogue, load_catalogue
from kollage.errors import CatalogueError
from kollage.image import Absence, Image
from kollage.options import Options
from kollage.releases.offered import members, offered

FILES = {
    "base/image.toml": 'description = "d"\npackages.all = ["sudo"]\n',
    "nova/image.toml": (
        'description = "d"\nparent = "base"\nsource = { type = "pypi", project = "Nova", link = "/n" }\n'
    ),
    "venus/image.toml": (
        'description = "d"\nparent = "base"\nsource = { type = "pypi", project = "venus", link = "/v" }\n'
        'python.constraints = "venus"\n'
    ),
    "murano/image.toml": (
        'description = "d"\nparent = "base"\nsource = { type = "pypi", project = "murano", link = "/m" }\n'
    ),
    "tool/image.toml": (
        'description = "d"\nparent = "base"\nsource = { type = "pypi", project = "tool", version = "1", link = "/t" }\n'
        'packages = { all = ["libnew1", "jq"], deb = ["libnew1"], rpm = ["libs"] }\n'
        'python = { wheels = ["thing"], compilers = { deb = ["gcc", "libnew-dev"] } }\n'
    ),
    "watch/image.toml": (
        'description = "d"\nparent = "base"\npython = { create = true, packages = ["watch"], constraints = "watch" }\n'
    ),
    "users.toml": "",
    "repositories.toml": "",
    "suites.toml": '[bookworm]\nlibnew1 = "libold0 libold-data"\nlibnew-dev = ""\n',
    "releases/2026.2.toml": (
        'name = "2026.2"\ncodename = "H"\nepoch = "2026-11-01"\nlock.exclude-newer = "2026-11-01"\n'
        'projects = { nova = "34.0.0" }\n[sets.venus.projects]\nvenus = "7.0.0"\n'
        '[sets.watch]\nrequirements = ["watch"]\n'
    ),
    "releases/2026.1.toml": (
        'name = "2026.1"\ncodename = "G"\nepoch = "2026-11-01"\nlock.exclude-newer = "2026-05-01"\n'
        'projects = { nova = "33.0.0" }\nimages.tool.absent = "nobody needed it then"\n[sets.watch]\n'
    ),
    "releases/old-2.toml": (
        'name = "old-2"\ncodename = "O"\nepoch = "2026-11-01"\npart-of = "old"\nlock.exclude-newer = "2023-10-21"\n'
        'bases = { debian = "bookworm" }\nprojects = { murano = "16.0.0" }\n'
        '[images.murano]\npackages = ["tar"]\npython = ["jinja2"]\nwheels = ["netifaces"]\ncompilers = ["gcc"]\n'
        'size = 9\nexceptions = { "contract.commands dump" = "gone" }\n'
    ),
    "releases/old-1.toml": (
        'name = "old-1"\ncodename = "P"\nepoch = "2026-11-01"\npart-of = "old"\nlock.exclude-newer = "2021-04-21"\n'
        'bases = { debian = "bullseye" }\nprojects = { murano = "9.0.0" }\n'
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def of(root: Path, release: str = "2026.2", tag: str = "trixie", base: str = "debian") -> Catalogue:
    return offered(load_catalogue(root), Options(release=release, base_tag=tag, base=base))


def absent(catalogue: Catalogue) -> dict[str, str]:
    return {name: image.absent.reason for name, image in catalogue.images.items() if image.absent}


def image(root: Path, name: str, release: str, tag: str) -> Image:
    return of(root, release, tag).images[name]


def test_what_a_release_has_is_as_the_catalogue_says(root: Path) -> None:
    assert of(root).images["nova"] == load_catalogue(root).images["nova"]


def test_a_project_without_a_version_is_lacking_and_the_newest_release_that_has_it_is_named(root: Path) -> None:
    assert of(root).images["murano"].absent == Absence(
        reason="release 2026.2 has no murano; old-2, old-1 have", instead="say --release old"
    )


def test_what_stands_on_a_lacking_image_is_lacking_too(root: Path) -> None:
    (root / "child").mkdir()
    (root / "child/image.toml").write_text('description = "d"\nparent = "murano"\n')
    assert absent(of(root))["child"] == absent(of(root))["murano"]


def test_what_is_there_for_lacking_images_alone_is_lacking_too(root: Path) -> None:
    (root / "shared").mkdir()
    (root / "shared/image.toml").write_text('description = "d"\nparent = "base"\n')
    assert "shared" not in absent(of(root))
    murano = root / "murano/image.toml"
    murano.write_text(murano.read_text().replace('parent = "base"', 'parent = "shared"'))
    assert absent(of(root))["shared"] == absent(of(root))["murano"]


def test_a_version_in_the_set_of_an_image_counts_and_only_in_its_own(root: Path) -> None:
    assert "venus" not in absent(of(root))
    assert absent(of(root, "2026.1"))["venus"] == "release 2026.1 has no venus; 2026.2 has"


def test_what_a_set_alone_has_is_lacking_where_there_is_no_such_set(root: Path) -> None:
    watch = of(root, "old-2", "bookworm").images["watch"]
    assert watch.absent == Absence(
        reason="release old-2 has no watch; 2026.2, 2026.1 have", instead="say --release 2026.2"
    )


def test_an_image_that_a_release_says_it_has_not_is_lacking_with_the_reason(root: Path) -> None:
    reason = "release 2026.1 has no tool: nobody needed it then"
    assert of(root, "2026.1").images["tool"].absent == Absence(reason=reason, instead="say --release 2026.2")


def test_one_that_no_release_has_says_no_other(root: Path) -> None:
    for file in (root / "releases").glob("*.toml"):
        text = file.read_text().replace("projects =", 'images.tool.absent = "it is gone"\nprojects =', 1)
        file.write_text(text if "nobody needed" not in text else text.replace("nobody needed it then", "it is gone", 1))
    (root / "releases" / "2026.1.toml").unlink()
    tool = of(root).images["tool"].absent
    assert tool == Absence(reason="release 2026.2 has no tool: it is gone")


def test_what_no_release_has_is_told_with_the_file_to_add_it_to(root: Path) -> None:
    (root / "releases/old-1.toml").unlink()
    (root / "releases/old-2.toml").unlink()
    assert of(root).images["murano"].absent == Absence(
        reason="release 2026.2 has no murano", instead="give murano a version in 2026.2.toml, and make its lock anew"
    )


def test_an_image_with_a_version_of_its_own_is_in_every_release(root: Path) -> None:
    assert "tool" not in absent(of(root, "old-2", "bookworm"))


@pytest.mark.parametrize(("base", "tag"), [("debian", "trixie"), ("rocky", "10")])
def test_on_another_base_a_release_has_nothing_and_says_where_it_stands(root: Path, base: str, tag: str) -> None:
    reasons = absent(of(root, "old-2", tag, base))
    assert set(reasons) == {"base", "nova", "venus", "murano", "tool", "watch"}
    assert set(reasons.values()) == {f"release old-2 stands on debian bookworm, not on {base} {tag}"}


def test_what_an_image_has_besides_is_added_to_what_it_has_everywhere(root: Path) -> None:
    murano = image(root, "murano", "old-2", "bookworm")
    assert murano.packages.on("debian") == ("tar",)
    assert murano.packages.on("rocky") == ()
    assert (murano.python.packages, murano.python.wheels) == (("/m", "jinja2"), ("netifaces",))
    assert (murano.python.compilers.on("debian"), murano.verify.size) == (("gcc",), 9)
    assert murano.verify.exceptions == {"contract.commands dump": "gone"}
    assert image(root, "murano", "old-1", "bullseye").packages.on("debian") == ()
    assert image(root, "murano", "old-1", "bullseye").verify.exceptions == {}


def test_findings_that_are_right_in_a_release_are_so_in_what_stands_on_the_image_too(root: Path) -> None:
    (root / "murano-api").mkdir()
    (root / "murano-api/image.toml").write_text('description = "d"\nparent = "murano"\n')
    reasons = {"contract.commands dump": "gone"}
    assert image(root, "murano-api", "old-2", "bookworm").verify.exceptions == reasons
    assert image(root, "murano-api", "old-1", "bullseye").verify.exceptions == {}
    assert image(root, "base", "old-2", "bookworm").verify.exceptions == {}


def test_an_older_suite_may_make_every_image_larger(root: Path) -> None:
    tool = root / "tool/image.toml"
    tool.write_text(f"{tool.read_text()}verify.size = 100\n")
    file = root / "releases/old-1.toml"
    file.write_text(f"larger = 40\n{file.read_text()}")
    assert image(root, "tool", "old-1", "bullseye").verify.size == 140
    assert image(root, "base", "old-1", "bullseye").verify.size == 0
    assert of(root).images["tool"].verify.size == 100


def test_packages_are_called_as_the_suite_calls_them(root: Path) -> None:
    tool = image(root, "tool", "old-2", "bookworm")
    assert tool.packages.on("debian") == ("libold0", "libold-data", "jq")
    assert tool.packages.on("rocky") == ("libold0", "libold-data", "jq", "libs")
    assert tool.python.compilers.on("debian") == ("gcc",)
    assert of(root).images["tool"] == load_catalogue(root).images["tool"]


def test_a_release_that_is_not_there_is_an_error(root: Path) -> None:
    with pytest.raises(CatalogueError, match=r"there is no release '2027\.1'"):
        of(root, "2027.1")


def test_but_not_among_whole_dockerfiles_which_bring_their_own(root: Path) -> None:
    (root / "tool" / "image.toml").rename(root / "tool" / "Dockerfile.j2")
    assert of(root, "2027.1") == load_catalogue(root)


def test_whole_dockerfiles_need_no_release(root: Path) -> None:
    for name in ("base", "nova", "venus", "murano", "tool", "watch"):
        (root / name / "image.toml").rename(root / name / "Dockerfile.j2")
    assert of(root, "old-2", "trixie") == load_catalogue(root)


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("[images.murano]", "[images.murana]", "images.murana is no image of the catalogue", "did you mean 'murano'?"),
        ('compilers = ["gcc"]', "", "images.murano.wheels need a compiler", 'add compilers = ["gcc"]'),
        ("size = 9", "seize = 9", "images.murano.seize is not a key that is known here", "did you mean 'size'?"),
        ("{ debian =", "{ debain =", "bases.debain is no base", "did you mean 'debian'?"),
    ],
)
def test_a_mistake_in_the_file_of_a_release_names_the_place(
    root: Path, old: str, new: str, message: str, hint: str
) -> None:
    file = root / "releases/old-2.toml"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(CatalogueError) as caught:
        of(root, "old-2", "bookworm")
    assert (caught.value.message, caught.value.hint) == (f"{file}: {message}", hint)


def test_a_suite_that_is_none_is_told(root: Path) -> None:
    (root / "suites.toml").write_text('[bokworm]\na = "b"\n')
    with pytest.raises(CatalogueError, match="bokworm is no suite") as caught:
        of(root)
    assert caught.value.hint == "did you mean 'bookworm'?"


def test_the_members_of_a_release_of_several_parts_come_newest_first(root: Path) -> None:
    folder = root / "releases"
    assert members("old", folder) == ("old-2", "old-1")
    assert members("2026.2", folder) == ()
    assert members("2027.1", folder) == ()
