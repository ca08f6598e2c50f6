"""What became of each flag and key of Kolla's own `kolla-build`.

`python -m kollage.options.comparison` prints docs/reference/kolla-build.md.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kollage.options.manual import table


@dataclass(frozen=True, slots=True)
class Row:
    """A flag, a key or a section of Kolla's, as Kolla spells it, and what became of it."""

    names: tuple[str, ...]
    verdict: str = "same"  # same, better or dropped
    how: str = ""


def _same(*names: str, how: str = "") -> Row:
    return Row(names, "same", how)


def _better(*names: str, how: str) -> Row:
    return Row(names, "better", how)


def _dropped(*names: str, how: str) -> Row:
    return Row(names, "dropped", how)


_LOCATIONS = (
    "For templates and for locations of sources; the images here take their release's versions from the package index, "
    "unless the section of a source says otherwise."
)

FLAGS: Sequence[Row] = (
    _better(
        "REGEX",
        how="An expression that does not compile is an error before anything is read, and the message says where.",
    ),
    _better("--base", "-b", how="Also `centos`."),
    _same("--base-arch"),
    _same("--base-image"),
    _same("--base-tag"),
    _same("--build-args"),
    _better("--buildkit", how="Where `docker buildx` does not answer, docker's classic builder is used."),
    _same("--buildkit-builder"),
    _same("--cache"),
    _same("--debian-arch"),
    _same("--debug", "-d"),
    _same("--docker-dir", "-D"),
    _same("--docker-healthchecks"),
    _same("--enable-unbuildable"),
    _better("--engine", how="Also `buildah`, and `auto`, the default, which takes the first engine that answers."),
    _better("--format", "-f", how="Also `text`: a table for people."),
    _same("--image-name-prefix"),
    _same("--keep"),
    _same("--list-dependencies", "-l"),
    _same("--list-images"),
    _same("--locals-base"),
    _same("--logs-dir"),
    _same("--namespace", "-n"),
    _same("--network_mode"),
    _same("--openstack-branch", how=_LOCATIONS),
    _same("--openstack-branch-slashed", how=_LOCATIONS),
    _same("--openstack-release", how="`--release` is the same."),
    _same("--openstack-release-codename", how="For templates, and for repositories of Ubuntu's cloud archive."),
    _same("--patches-path"),
    _better("--platform", how="Several with commas between them make an index when they are pushed."),
    _better("--podman_base_url", how="The default is empty: podman works by itself, and no service has to run."),
    _better("--profile", "-p", how="A profile that is not known is an error that names the nearest."),
    _better("--pull", how="A registry that does not answer is no failure where the store has the image."),
    _same("--push"),
    _better("--push-threads", how="The default is 4."),
    _same("--quiet", "-q"),
    _same("--registry"),
    _same("--repos-yaml"),
    _better("--retries", "-r", how="Only what may pass is tried again: not a step that fails the same way each time."),
    _better(
        "--save-dependency", how="The ending of the path says what is written: .dot as Kolla does, or .svg, .png, .mmd."
    ),
    _same("--skip-existing"),
    _same("--skip-parents"),
    _better(
        "--squash",
        how="buildah and podman make one layer of what an image adds in any case, unless their cache is used. For "
        "docker's classic builder `docker-squash` is called, as Kolla does. With BuildKit it is an error of usage.",
    ),
    _same("--summary"),
    _same("--summary-json-file"),
    _same("--tag"),
    _same("--tarballs-base", how=_LOCATIONS),
    _same("--template-only"),
    _better("--template-override", how="A mistake in the file is told with its file and line."),
    _same("--threads", "-T"),
    _same("--timeout", how="At least 1."),
    _same("--use-dumb-init"),
    _same("--work-dir"),
    _better(
        "--config-file", how="What nothing reads in a file is an error that names file, line and the nearest name."
    ),
    _better("--config-dir", how="The same."),
    _same("--help", "-h"),
    _same("--version", how="The version of Kollage."),
    _dropped(
        "--shell_completion",
        how="It is oslo.config's own and completes one flat command; here are verbs. When used: `there is no flag "
        "'--shell_completion'`.",
    ),
)

KEYS: Sequence[Row] = (
    _same("allowed-to-fail"),
    _same("apt_preferences"),
    _same("apt_sources_list"),
    _same("base_package_type"),
    _same(
        "clean_package_cache", how="For templates of yours or Kolla's; the images here never hold a cache of packages."
    ),
    _same("distro_package_manager", how="For templates of yours or Kolla's; the images here use apt and dnf."),
    _same("maintainer"),
    *(
        _better(key, how="uv has it as well as pip; what is not said is taken from this machine's uv and pip.")
        for key in ("pip_extra_index_url", "pip_index_url", "pip_trusted_host")
    ),
    _same("rpm_setup_config"),
    _same("squash-cleanup", how="For docker's classic builder: the others leave nothing to clean up."),
    _same("squash-tmp-dir", how="For docker's classic builder: the others need none."),
)

SECTIONS: Sequence[Row] = (
    _better("[profiles]", how="An expression that does not compile is told with its file and line."),
    _better(
        "[<image>]",
        "[<image>-plugin-<name>]",
        "[<image>-additions-<name>]",
        how="`sha256` may also be one checksum for every architecture, and `type` may be `pypi`.",
    ),
    _same("[<name>-user]"),
    _dropped(
        "OS_DEFAULT__<KEY>",
        how="oslo.config's variables of the environment: a run depends on flags and files alone. When used: nothing.",
    ),
)

_HEAD = """\
# kolla-build

<!-- Made by `make docs` from src/kollage/options/comparison.py: change the table, not this page. -->

`kolla-build` takes the command lines and configuration files of Kolla's own command (23.0.0). This page says what
became of each flag and key: *same*, *better*, or *dropped*. What each means is in the
[reference of the configuration](configuration.md).

A flag may be written with dashes or underscores, wherever Kolla has which; so may a key. What is true or false has a
second flag, `--noname`. A value that cannot be, or a name that means nothing, ends the run with exit code 2 before
anything is done.
"""


def comparison_page() -> str:
    """Write the page."""
    return "\n".join(
        [
            _HEAD,
            "## Flags\n\n" + _table("flag", FLAGS),
            "## Keys that only files have\n\n" + _table("key", KEYS),
            "## Sections and the environment\n\n" + _table("name", SECTIONS),
        ]
    )


def _table(title: str, rows: Iterable[Row]) -> str:
    cells = ((", ".join(f"`{name}`" for name in row.names), row.verdict, row.how) for row in rows)
    return table((title, "here", "how"), cells)


if __name__ == "__main__":
    sys.stdout.write(comparison_page())
