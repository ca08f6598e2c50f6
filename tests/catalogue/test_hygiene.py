"""What keeps the catalogue tidy: nothing unused, nothing twice, no build tools where a service runs."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from kollage.catalogue import load_catalogue
from kollage.image import BASES, Image

CATALOGUE = load_catalogue()
IMAGES = list(CATALOGUE.images.values())
FILES = [file.path for image in IMAGES for file in image.context.values()]
# what is needed to compile, by the names that distributions give it
BUILD_TOOLS = re.compile(r"-dev$|-devel$|^(gcc|g\+\+|gcc-c\+\+|clang|cpp|make|cmake|build-essential|cargo|rust|rustc)$")

images = pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)


def line_of(name: str | None) -> list[Image]:
    """An image and all it stands on."""
    return [CATALOGUE.images[name], *line_of(CATALOGUE.images[name].parent)] if name else []


bases = pytest.mark.parametrize("base", BASES)


def first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0]


def scripts(*interpreters: str) -> list[Path]:
    """The files whose first line names one of these."""
    return [path for path in FILES if first_line(path).startswith("#!") and set(interpreters) & words(path)]


def words(path: Path) -> set[str]:
    return set(re.split(r"[/\s]", first_line(path)))


@images
def test_it_says_in_one_line_what_it_is(image: Image) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{15,}[^.\s]", image.description)


@images
@bases
def test_no_build_tool_stays_in_an_image_that_runs(image: Image, base: str) -> None:
    assert [name for name in image.packages.on(base) if BUILD_TOOLS.search(name)] == []


@images
@bases
def test_no_package_is_named_twice(image: Image, base: str) -> None:
    family = "deb" if base in {"debian", "ubuntu"} else "rpm"
    for names in (image.packages, image.repositories, image.python.compilers, image.commands):
        written = Counter([*names.everywhere, *names.only.get(family, ()), *names.only.get(base, ())])
        assert [name for name, times in written.items() if times > 1] == []


@images
@bases
def test_no_two_files_have_one_place(image: Image, base: str) -> None:
    places = Counter(file.to for file in image.files if file.on(base))
    assert [place for place, times in places.items() if times > 1] == []


@images
def test_every_file_of_the_folder_is_used(image: Image) -> None:
    template = image.template.read_text(encoding="utf-8") if image.template else ""
    used = {file.name for file in image.files} | set(re.findall(r"[\w.-]+", template))
    assert set(image.context) - used == set()


@images
def test_a_folder_holds_files_and_what_the_service_is_verified_and_deployed_with(image: Image) -> None:
    assert {path.name for path in image.folder.iterdir() if path.is_dir()} <= {"deploy", "verify"}


@images
def test_accounts_and_repositories_exist(image: Image) -> None:
    names = {user.name for user in image.users} | ({image.run_as} if image.run_as else set())
    assert names - {*CATALOGUE.accounts, "root"} == set()
    assert {name for base in BASES for name in image.repositories.on(base)} - set(CATALOGUE.repositories) == set()


@images
def test_no_exception_leaves_out_a_whole_check(image: Image) -> None:
    """A pattern has to say more than the name of the check."""
    assert [key for key in image.verify.exceptions if len(key.partition(" ")[2].replace("*", "")) < 2] == []


@images
def test_who_is_held_to_the_commands_of_shared_code_has_that_code(image: Image) -> None:
    for name in image.verify.commands_by:
        line = line_of(image.name)
        shared = [each for each in line_of(name) if each in line and each.verify.commands_by]
        assert shared, f"{name} shares no code with {image.name}"


@images
def test_an_entrypoint_comes_with_a_command(image: Image) -> None:
    """An ENTRYPOINT makes engines forget the parent's CMD."""
    assert image.command or not image.entrypoint


def test_no_number_is_given_twice() -> None:
    uids = Counter(account.uid for account in CATALOGUE.accounts.values())
    gids = Counter(account.gid for account in CATALOGUE.accounts.values())
    assert [number for numbers in (uids, gids) for number, times in numbers.items() if times > 1] == []


@pytest.mark.parametrize("path", scripts("bash", "sh"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shell_scripts_are_shell(path: Path) -> None:
    checked = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("path", scripts("python3"), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_python_scripts_are_python(path: Path) -> None:
    compile(path.read_text(encoding="utf-8"), path.name, "exec")


def test_scripts_of_every_kind_are_looked_at() -> None:
    known = {*scripts("bash", "sh"), *scripts("python3"), *scripts("expect")}
    others = {path.name for path in FILES if first_line(path).startswith("#!")} - {path.name for path in known}
    assert others == set()
