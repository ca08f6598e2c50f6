"""A refresh begins a new epoch, which holds until the release itself has a newer one."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kollage import epochs
from kollage.errors import UsageError
from kollage.options import Options

DAY = 86400


def options(cache: Path, *, refresh: bool = False) -> Options:
    return Options(cache_dir=cache, refresh=refresh)


def today() -> int:
    now = datetime.now(UTC)
    return int(now.timestamp()) // DAY * DAY


def test_without_a_refresh_the_epoch_is_the_releases(tmp_path: Path) -> None:
    assert epochs.current(DAY, options(tmp_path)) == DAY
    assert epochs.refreshed(options(tmp_path)) == 0


def test_a_refresh_makes_today_the_epoch_and_later_runs_keep_it(tmp_path: Path) -> None:
    before = today()
    found = epochs.current(DAY, options(tmp_path, refresh=True), keep=True)
    assert found in {before, today()}
    assert epochs.current(DAY, options(tmp_path)) == found


def test_a_plan_keeps_nothing(tmp_path: Path) -> None:
    assert epochs.current(DAY, options(tmp_path, refresh=True)) > DAY
    assert list(tmp_path.iterdir()) == []


def test_a_release_that_is_newer_than_the_refresh_counts(tmp_path: Path) -> None:
    epochs.current(DAY, options(tmp_path, refresh=True), keep=True)
    assert epochs.current(2**40, options(tmp_path)) == 2**40


@pytest.mark.parametrize(
    "other", [{"base": "ubuntu"}, {"release": "2025.2"}, {"base_arch": "aarch64"}, {"base_tag": "x"}]
)
def test_other_images_have_epochs_of_their_own(tmp_path: Path, other: dict[str, str]) -> None:
    epochs.current(DAY, options(tmp_path, refresh=True), keep=True)
    assert epochs.current(DAY, replace(options(tmp_path), **other)) == DAY  # type: ignore[arg-type]


def test_a_file_that_holds_no_day_is_named(tmp_path: Path) -> None:
    epochs.current(DAY, options(tmp_path, refresh=True), keep=True)
    (file,) = (tmp_path / "epochs").iterdir()
    file.write_text("tomorrow\n", encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        epochs.current(DAY, options(tmp_path))
    assert raised.value.message.startswith(f"{file} does not hold a day: ")


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "epochs").touch()
    with pytest.raises(UsageError) as raised:
        epochs.current(DAY, options(tmp_path, refresh=True), keep=True)
    assert raised.value.message.endswith("cannot be written: File exists")
