"""That nothing is to be done holds for the next run exactly until something that decides has changed."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.functional.world import RELEASE, World

LONG_WAY = "kollage.prepare"  # the module that a run needs which works out what is to be done
PROGRAM = f"""
import sys
from kollage.__main__ import main
code = main(sys.argv[1:])
print("{LONG_WAY}" in sys.modules, file=sys.stderr)
sys.exit(code)
"""
REUSED = """\
trixie: bootstrap reused, bootstrapped before
base: reused, unchanged
app: reused, unchanged

image   result              size  reason
trixie  bootstrap reused  100 MB  bootstrapped before
base    reused            100 MB  unchanged
app     reused            100 MB  unchanged

3 reused in 0s
"""
ARGV = ("build", "^app$")


@pytest.fixture
def plain(world: World) -> World:
    """A world whose base is made from packages, in which a run has found that all is there."""
    world.configure(f"[DEFAULT]\nimages_dir = {world.images}\n")
    world.image("app", 'parent = "base"\n', "RUN make app\n")
    for _ in range(2):
        assert world.run(*ARGV).code == 0
    assert built(world) == ["base", "app"]
    return world


def goes_the_long_way(world: World, *argv: str, **more: str) -> bool:
    """Run once more: whether that nothing is to be done was worked out. Another outcome than success fails."""
    command = [sys.executable, "-c", PROGRAM, *(argv or ARGV)]
    environ, here = world.environment(**more), world.root / "here"
    done = subprocess.run(command, capture_output=True, text=True, env=environ, cwd=here, check=True)
    return done.stderr.splitlines()[-1] == "True"


def built(world: World) -> list[str]:
    """The images that were built, without the base that they stand on."""
    return [name for name in world.built() if name != "trixie"]


def in_store(world: World, change: Callable[[dict[str, dict[str, list[str]]]], object]) -> None:
    path = world.engine / "images.json"
    rows = json.loads(path.read_text())
    change(rows)
    path.write_text(json.dumps(rows))


def without(name: str) -> Callable[[dict[str, dict[str, list[str]]]], object]:
    def change(rows: dict[str, dict[str, list[str]]]) -> None:
        (found,) = [key for key, row in rows.items() if any(name in each for each in row["names"])]
        del rows[found]

    return change


def test_what_was_found_is_told_again_in_the_same_words(plain: World) -> None:
    assert not goes_the_long_way(plain)
    for _ in range(2):
        outcome = plain.run(*ARGV)
        assert (outcome.out, outcome.err) == (REUSED, "")


def test_it_is_told_as_json_too_and_stands_among_the_runs(plain: World) -> None:
    long, short = (json.loads(plain.run(*ARGV, "--format=json").out) for _ in range(2))
    assert long == short
    assert not goes_the_long_way(plain, *ARGV, "--format=json")
    assert plain.run("runs").out.count("3 reused") == 4


def test_the_engine_is_asked_what_it_has_and_nothing_else(plain: World) -> None:
    before = len(plain.notes("calls"))
    assert plain.run(*ARGV).code == 0
    assert [call[0] for call in plain.notes("calls")[before:]] == ["images"]


CHANGES: dict[str, tuple[Callable[[World], object], list[str]]] = {
    "a template": (lambda world: world.image("app", 'parent = "base"\n', "RUN make it\n"), ["app"]),
    "a fact": (lambda world: world.image("app", 'parent = "base"\nenv.A = "1"\n', "RUN make app\n"), ["app"]),
    "a fact of the parent": (lambda world: world.image("base", 'env.A = "1"\n', "RUN make base\n"), ["base", "app"]),
    "a file of the context": (lambda world: world.write("images/app/extend_start.sh", "true\n"), ["app"]),
    "an image that was not asked for": (lambda world: world.image("tool", 'env.A = "1"\n', "RUN x\n"), []),
    "an account": (lambda world: world.write("images/users.toml", "nova.uid = 4000\n"), []),
    "the release": (
        lambda world: world.write("images/releases/2026.2.toml", RELEASE.replace("11-01", "11-02")),
        ["base", "app"],
    ),
    "a name in the configuration": (
        lambda world: world.configure(f"[DEFAULT]\nimages_dir = {world.images}\nnamespace = mine\n"),
        [],
    ),
    "an argument in the configuration": (
        lambda world: world.configure(f"[DEFAULT]\nimages_dir = {world.images}\nbuild_args = a:1\n"),
        ["base", "app"],
    ),
    "a day that a refresh began": (
        lambda world: world.write("cache/kollage/epochs/2026.2-debian-trixie-x86_64", "2026-11-20\n"),
        ["base", "app"],
    ),
    "updates that were found": (
        lambda world: world.write("cache/kollage/updates/2026.2-debian-trixie-x86_64.json", '{"app": ["a=2"]}'),
        ["app"],
    ),
    "an image that is gone": (lambda world: in_store(world, without("kolla/app:")), ["app"]),
    "a base that is gone": (lambda world: in_store(world, without("kolla/base:")), ["base", "app"]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_has_changed_is_seen(plain: World, what: str) -> None:
    change, anew = CHANGES[what]
    change(plain)
    assert goes_the_long_way(plain)
    assert built(plain)[2:] == anew


@pytest.mark.parametrize(
    "said", [("--base-tag=bookworm",), ("--tag=1",), ("--base-arch=aarch64", "--platform=linux/arm64"), ("--force",)]
)
def test_another_wish_is_another_question(plain: World, said: tuple[str, ...]) -> None:
    assert goes_the_long_way(plain, *ARGV, *said)


def test_another_environment_is_too_but_not_another_place_to_start_from(plain: World) -> None:
    assert not goes_the_long_way(plain, PWD="/elsewhere", OLDPWD="/", SHLVL="3")
    assert goes_the_long_way(plain, http_proxy="http://proxy.example:3128")


def test_what_is_damaged_is_worked_out_again(plain: World) -> None:
    (file,) = (plain.cache / "standing").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert goes_the_long_way(plain)
    assert not goes_the_long_way(plain)
    assert built(plain) == ["base", "app"]


def test_what_a_killed_run_left_is_taken_away_first(plain: World) -> None:
    left = plain.cache / "runs" / "run-dead"
    left.mkdir(parents=True)
    for name in ("lock", "journal.json"):
        (left / name).touch()
    assert goes_the_long_way(plain)
    assert not left.exists()


def test_a_name_that_another_image_got_is_given_back(plain: World) -> None:
    def move(rows: dict[str, dict[str, list[str]]]) -> None:
        (app,) = [row for row in rows.values() if any("kolla/app:2026" in name for name in row["names"])]
        name = next(name for name in app["names"] if ":2026" in name)
        app["names"].remove(name)
        rows["f" * 64] = {"names": [name], "labels": {}}  # type: ignore[dict-item]

    in_store(plain, move)
    assert goes_the_long_way(plain)
    assert built(plain) == ["base", "app"]
    assert not goes_the_long_way(plain)
