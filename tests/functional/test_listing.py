"""`kollage list` and `kollage show`, as they are read in a pipe and on a terminal."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from tests.functional.world import LONG, Outcome, World

DOCKERFILE = """\
FROM kolla/base:2026.2-debian-trixie
LABEL maintainer="Kollage" name="app"
RUN make app
"""


def on_a_terminal(world: World, *argv: str, **more: str) -> str:
    """What the program writes to a terminal."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "kollage", *argv],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=world.environment(TERM="xterm-256color", **more),
        cwd=world.root / "here",
    )
    os.close(theirs)
    pieces: list[bytes] = []
    try:
        while piece := os.read(ours, 1 << 16):
            pieces.append(piece)
    except OSError:  # how Linux says that the other end is closed
        pass
    finally:
        os.close(ours)
        child.wait(LONG)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def test_list_names_every_image_of_the_catalogue(world: World) -> None:
    assert world.run("list") == Outcome(0, "app\napp-api\nbase\ntool\n", "")


def test_list_names_what_an_expression_matches(world: World) -> None:
    assert world.run("list", "^app", "too") == Outcome(0, "app\napp-api\ntool\n", "")


def test_list_says_why_an_image_is_not_supported(world: World) -> None:
    world.image("tool", 'parent = "base"\nunsupported.debian = "it was dropped in trixie"\n')
    assert world.run("list").out == "app\napp-api\nbase\ntool (not supported: it was dropped in trixie)\n"


def test_list_needs_no_engine(world: World) -> None:
    world.run("list")
    assert world.notes("calls") == []


def test_list_as_a_tree_indents_every_image_below_its_parent(world: World) -> None:
    assert world.run("list", "--tree") == Outcome(0, "base\n  app\n    app-api\n  tool\n", "")


def test_a_tree_is_drawn_on_a_terminal(world: World) -> None:
    assert on_a_terminal(world, "list", "--tree") == "base\n├── app\n│   └── app-api\n└── tool\n"


def test_list_as_json_is_one_document(world: World) -> None:
    outcome = world.run("list", "--json")
    assert json.loads(outcome.out) == {"images": ["base", "app", "app-api", "tool"], "unsupported": {}}
    assert world.run("list", "--format", "json") == outcome


def test_a_tree_as_json_gives_the_parent_of_every_image(world: World) -> None:
    parents = {"base": None, "app": "base", "app-api": "app", "tool": "base"}
    assert json.loads(world.run("list", "--tree", "--json").out) == {"parents": parents, "unsupported": {}}


def test_show_prints_the_dockerfile_without_colours_in_a_pipe(world: World) -> None:
    assert world.run("show", "app") == Outcome(0, DOCKERFILE, "")


def test_show_colours_the_dockerfile_on_a_terminal(world: World) -> None:
    shown = on_a_terminal(world, "show", "app")
    assert "\x1b[" in shown
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == DOCKERFILE


def test_no_color_leaves_a_terminal_without_colours(world: World) -> None:
    assert "\x1b[" not in on_a_terminal(world, "show", "app", NO_COLOR="1")


def test_show_follows_the_flags_that_name_images(world: World) -> None:
    flags = ("--registry", "r.example:5000", "--namespace", "cloud", "--image-name-prefix", "my-", "--tag", "1")
    assert world.run("show", "app", *flags).out.splitlines()[0] == "FROM r.example:5000/cloud/my-base:1"


def test_show_of_an_unknown_image_names_the_nearest(world: World) -> None:
    assert world.run("show", "app-apu") == Outcome(
        2, "", "error: there is no image 'app-apu'\nhint: did you mean 'app-api'?\n"
    )


def test_show_of_an_image_unlike_any_leads_to_the_list(world: World) -> None:
    assert world.run("show", "zzz") == Outcome(2, "", "error: there is no image 'zzz'\nhint: see `kollage list`\n")


def test_show_without_an_image_says_what_is_missing(world: World) -> None:
    outcome = world.run("show")
    assert outcome == Outcome(2, "", "error: IMAGE is missing\nhint: usage: kollage show [flags] IMAGE\n")


@pytest.mark.parametrize("argv", [(), ("--help",), ("-h",), ("help",)])
def test_help_lists_the_verbs(world: World, argv: tuple[str, ...]) -> None:
    outcome = world.run(*argv)
    assert (outcome.code, outcome.err) == (0, "")
    for verb in ("build", "plan", "list", "show", "lock"):
        assert f"\n  {verb} " in outcome.out


def test_the_help_of_a_verb_lists_its_flags(world: World) -> None:
    outcome = world.run("build", "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert "--images-dir" in outcome.out


def test_the_version_is_printed(world: World) -> None:
    outcome = world.run("--version")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("kollage ")


def test_a_reader_that_has_gone_is_no_error(world: World) -> None:
    child = world.start("list")
    assert child.stdout
    child.stdout.close()
    assert child.stderr
    with child.stderr as errors:
        assert errors.read() == ""
    assert child.wait(LONG) == 0


def test_the_catalogue_that_comes_with_kollage_is_the_default(world: World) -> None:
    world.configure("")
    assert {"base", "openstack-base", "keystone", "memcached"} <= set(world.run("list").out.splitlines())


def test_images_of_another_folder_are_framed_and_numbered_as_those_of_kollage(world: World) -> None:
    world.image("app", 'parent = "base"\n[user]\nname = "keystone"\n')
    assert "42425" in world.run("show", "app").out


def test_a_folder_of_images_may_bring_its_own_frame_and_accounts(world: World) -> None:
    world.write("images/frame.j2", "FROM {{ parent }}\nRUN id {{ users.keystone.uid }}\n")
    world.write("images/users.toml", "[keystone]\nuid = 7\n")
    assert world.run("show", "app").out == "FROM kolla/base:2026.2-debian-trixie\nRUN id 7\n"
