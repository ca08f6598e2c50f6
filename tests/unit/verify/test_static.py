"""All checks that start no service, at once: the image's programs run beside the reading."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.verify.roots import subject

from kollage.verify import static_findings


def test_every_check_is_made_once_and_says_how_long_it_took(tmp_path: Path) -> None:
    lines: list[str] = []
    found = static_findings(subject(tmp_path, {}), lines.append)
    assert {"contract.sudo", "contract.helpers"} <= {each.check for each in found}
    names = [line.partition(":")[0] for line in lines]
    assert len(names) == len(set(names))
    assert {"kollage.verify.contract._sudo", "kollage.verify.prover.python.check_python"} <= set(names)
    assert "kollage.verify.hygiene._size" in names


def test_what_a_program_of_the_image_fails_with_is_not_lost(tmp_path: Path) -> None:
    def run(command: Sequence[str], _text: str) -> str:
        raise KeyError(command[0])

    made = subject(tmp_path, {"/etc/sudoers": "@includedir /etc/sudoers.d"}, run=run)
    with pytest.raises(KeyError, match="visudo"):
        static_findings(made, lambda _line: None)


def test_a_root_file_system_is_read_whole_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/tool").write_text("1234")
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "loop").symlink_to("/")
    read = replace(subject(tmp_path, {}), base="debian").entries
    assert list(read) == ["/bin", "/loop", "/usr", "/usr/bin", "/usr/bin/tool"]
    assert (read["/bin"].target, read["/loop"].target, read["/usr/bin/tool"].size) == ("usr/bin", "/", 4)
    assert read["/usr"].is_folder
    assert read["/usr/bin/tool"].is_file
