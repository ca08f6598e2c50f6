"""The state of package archives that images stand for: the release's, or a newer one that a refresh began.

What a refresh began is kept in the cache folder: a later run without the flag must not go back to older packages.
"""

from datetime import UTC, date, datetime, time
from pathlib import Path

from kollage.errors import UsageError
from kollage.options import Options


def current(release: int, options: Options, *, keep: bool = False) -> int:
    """The epoch in force, in seconds since 1970; `release` is the release's own. With `keep` a new one is kept."""
    return max(release, refreshed(options, keep=keep))


def refreshed(options: Options, *, keep: bool = False) -> int:
    """The epoch that a refresh began, this one or an earlier; 0 if none did."""
    if not options.refresh:
        return _read(_file(options))
    today = datetime.now(UTC).date()
    if keep:
        _write(_file(options), today)
    return _seconds(today)


def _file(options: Options) -> Path:
    return options.cache_dir / "epochs" / f"{options.release}-{options.base}-{options.base_tag}-{options.base_arch}"


def _read(file: Path) -> int:
    try:
        return _seconds(date.fromisoformat(file.read_text(encoding="utf-8").strip()))
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except ValueError as error:
        raise UsageError(
            f"{file} does not hold a day: {error}", hint="write one, such as 2026-11-24, or remove the file"
        ) from error


def _write(file: Path, day: date) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_name(f"{file.name}.half")
        half.write_text(f"{day.isoformat()}\n", encoding="utf-8")
        half.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", hint="name another with --cache-dir") from error


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
