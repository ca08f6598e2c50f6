"""The operator's override files: blocks of whole Dockerfiles and of the frame, and mistakes that are told at once."""

import pytest

from tests.functional.world import Outcome, World

EXTENDS = "{% extends parent_template %}\n"


def block(name: str, text: str = "RUN mine") -> str:
    return f"{{% block {name} %}}\n{text}\n{{% endblock %}}\n"


def override(world: World, *blocks: str, name: str = "mine.j2") -> str:
    """The flag for a file of these blocks."""
    return f"--template-override={world.write(name, EXTENDS + ''.join(blocks))}"


class TestInATreeOfWholeDockerfiles:
    @pytest.fixture(autouse=True)
    def _tree(self, world: World) -> None:
        world.tree()

    def test_a_block_is_filled_in_the_image_that_has_it(self, world: World) -> None:
        assert world.run("kolla-build", override(world, block("tool_header"))).code == 0
        assert "\nRUN mine\n" in world.order("tool")["dockerfile"]
        assert "RUN mine" not in world.order("app-base")["dockerfile"]

    def test_a_block_alone_begins_its_image_again(self, world: World) -> None:
        world.run("kolla-build")
        assert world.run("kolla-build", override(world, block("tool_header"))).err.endswith(
            "\n1 built, 3 reused in 0s\n"
        )
        assert world.built()[-1] == "tool"

    def test_several_files_are_one(self, world: World) -> None:
        flags = override(world, block("tool_header")), override(world, block("tool_footer", "RUN two"), name="two.j2")
        world.run("kolla-build", *flags, "tool")
        lines = world.order("tool")["dockerfile"].splitlines()
        assert [line for line in lines if line.startswith("RUN")] == ["RUN mine", "RUN make tool of debian", "RUN two"]

    def test_a_block_that_no_image_has_is_told_before_anything_is_built(self, world: World) -> None:
        outcome = world.run("kolla-build", override(world, block("app_api_footer"), block("tool_haeder")), "tool")
        assert outcome.code == 0
        assert outcome.err.startswith(
            "warning: ~/mine.j2:5: no image has a block 'tool_haeder'; did you mean 'tool_header'?\nbase: building"
        )

    def test_is_told_of_every_image_whatever_was_chosen(self, world: World) -> None:
        outcome = world.run("kolla-build", override(world, block("app_api_footer"), block("footer")), "tool")
        assert "warning" not in outcome.err


class TestInTheFrame:
    def test_every_name_that_the_frame_gives_an_image_is_known(self, world: World) -> None:
        world.image("tool", 'parent = "base"\nhooks.packages = ["tool_sources"]\nhooks.python = ["tool_constraints"]\n')
        world.image(
            "app", 'parent = "base"\nblock = "application"\nsource = { type = "local", location = ".", link = "/it" }\n'
        )
        names = ("labels", "footer", "app_api_header", "app_api_entrypoint", "tool_sources", "tool_constraints")
        more = ("tool_python_install", "it_source_install", "application_footer", "steps")
        outcome = world.run("plan", override(world, *map(block, names + more)))
        assert (outcome.code, outcome.err) == (0, "")

    def test_a_name_of_another_stem_is_not(self, world: World) -> None:
        world.image("app", 'parent = "base"\nblock = "application"\n')
        assert world.run("plan", override(world, block("app_footer"))).err == (
            "warning: ~/mine.j2:2: no image has a block 'app_footer'; did you mean 'app_api_footer'?\n"
        )

    def test_blocks_of_an_images_own_steps_are_known(self, world: World) -> None:
        world.image("app", 'parent = "base"\n', "RUN one\n{% block app_own %}RUN two{% endblock %}\n")
        outcome = world.run("plan", override(world, block("app_own")))
        assert (outcome.code, outcome.err) == (0, "")

    def test_a_block_within_a_block_is_the_files_own_affair(self, world: World) -> None:
        outcome = world.run("plan", override(world, block("app_footer", "{% block mine %}RUN mine{% endblock %}")))
        assert (outcome.code, outcome.err) == (0, "")

    def test_a_name_unlike_any_is_told_without_one(self, world: World) -> None:
        assert world.run("plan", override(world, block("zzz"))).err == (
            "warning: ~/mine.j2:2: no image has a block 'zzz'; so nothing comes of it\n"
        )

    def test_a_name_that_only_ends_like_another_is_told_without_it(self, world: World) -> None:
        assert (
            "no image has a block 'nova_footer'; so nothing"
            in world.run("plan", override(world, block("nova_footer"))).err
        )

    def test_of_several_files_the_right_one_is_named(self, world: World) -> None:
        flags = override(world, block("app_header")), override(world, block("app_hedaer"), name="two.j2")
        assert world.run("plan", *flags).err.startswith("warning: ~/two.j2:2: no image has a block 'app_hedaer'")


@pytest.mark.parametrize("verb", ["build", "plan", "kolla-build"])
class TestAMistake:
    def test_a_file_that_is_not_there(self, world: World, verb: str) -> None:
        assert world.run(verb, "--template-override", "no.j2") == Outcome(
            2,
            "",
            "error: --template-override: there is no file '~/here/no.j2'\nhint: see whether the path is right\n",
        )

    @pytest.mark.parametrize("whole", [False, True])
    def test_a_file_that_does_not_compile(self, world: World, verb: str, whole: bool) -> None:
        if whole:
            world.tree()
        outcome = world.run(verb, "--base", "debian", override(world, block("app_footer", "RUN {{ one two }}")))
        assert outcome == Outcome(
            2,
            "",
            "error: ~/mine.j2:3: expected token 'end of print statement', got 'two'\n"
            "hint: the template does not compile; mend that line\n",
        )
        assert world.built() == []

    def test_the_second_file_is_the_one_to_blame(self, world: World, verb: str) -> None:
        flags = override(world, block("app_footer")), override(world, "{% block app_header %}\n", name="two.j2")
        outcome = world.run(verb, "--base", "debian", *flags)
        assert outcome.code == 2
        assert outcome.err.startswith("error: ~/two.j2:2: Unexpected end of template.")
