"""What a Dockerfile needs is read from its text, however it is written."""

from pathlib import Path

import pytest

from kollage.engines import dockerfile

STAGES = """\
# syntax=docker/dockerfile:1
ARG TAG=1
FROM kolla/base:1 AS wheels
RUN true
FROM --platform=$BUILDPLATFORM quay.io/other:2 AS other
from wheels as Final
COPY --from=other /a /a
"""


def test_parents_are_the_images_that_stages_begin_with() -> None:
    assert dockerfile.parents(STAGES) == ("kolla/base:1", "quay.io/other:2")


def test_each_counts_once_and_scratch_and_what_an_argument_names_not_at_all() -> None:
    assert dockerfile.parents("FROM a:1\nFROM a:1\nFROM scratch\nFROM ${BASE}:1\nFROM\n") == ("a:1",)


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        (STAGES, "kolla/base:1"),
        ("FROM a:1 AS one\nFROM b:1 AS two\n", "b:1"),
        ("FROM a:1 AS one\nFROM one AS two\nFROM two\n", "a:1"),
        ("FROM scratch\nADD a /\n", ""),
        ("ARG A\nFROM $A\n", ""),
        ("", ""),
    ],
)
def test_the_last_stage_stands_on_one(text: str, parent: str) -> None:
    assert dockerfile.final_parent(text) == parent


@pytest.mark.parametrize(
    "line",
    [
        "RUN --mount=type=bind,source=a,target=/a true",
        "RUN --mount=target=/a true",
        "run --mount=from=other,target=/a true",
        "RUN --mount=type=cache,target=/c --mount=type=bind,from=x,target=/x true",
        "RUN --network=none \\\n    --mount=from=other,target=/a \\\n  true",
        "RUN \\  \n# a word in between\n  --mount=from=other,target=/a true",
    ],
)
def test_a_run_line_that_sees_files_without_a_copy_binds(line: str) -> None:
    assert dockerfile.binds(f"FROM a\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "RUN --mount=type=cache,target=/c --mount=type=secret,id=x true",
        "RUN --mount=type=tmpfs,target=/t true",
        "RUN echo --mount=type=bind,target=/a",
        "# RUN --mount=type=bind,target=/a true",
        "COPY --from=other /a /a",
    ],
)
def test_others_do_not(line: str) -> None:
    assert not dockerfile.binds(f"FROM a\n{line}\n")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("FROM more", ("more",)),
        ("COPY --from=more a b", ("more",)),
        ("RUN --mount=type=bind,from=more,target=/m true", ("more",)),
        ("RUN echo from=more", ()),
        ("COPY more /more", ()),
        ("COPY --from=other --chmod=0644 a b", ("other",)),
    ],
)
def test_further_contexts_are_those_that_are_mentioned(line: str, names: tuple[str, ...]) -> None:
    assert dockerfile.mentioned(f"{line}\n", ["more", "other", "unused"]) == names


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("RUN --mount=type=cache,target=/c true", "RUN --mount"),
        ("RUN --network=none true", "RUN --network"),
        ("COPY --chmod=0755 a b", "COPY --chmod"),
        ("ADD --chown=1:1 --link a b", "ADD --link"),
        ("COPY --from=more a b", "the further build context 'more'"),
        ("COPY --from=stage --chown=1:1 a b", ""),
        ("HEALTHCHECK --interval=5s CMD true", ""),
        ("RUN true --chmod", ""),
    ],
)
def test_the_classic_builder_does_not_know_everything(line: str, unknown: str) -> None:
    assert dockerfile.beyond_classic(f"FROM a AS stage\n{line}\n", ["more"]) == unknown


def test_one_that_is_not_there_is_empty(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    assert dockerfile.read(tmp_path / "Dockerfile") == "FROM a\n"
    assert dockerfile.read(tmp_path / "nothing") == dockerfile.read(tmp_path) == ""
