"""The secrets of a cloud: made once, kept in a file that its owner alone can read, renewed on request.

The values before a renewal are kept, because what holds them is changed with them.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kollage.errors import UsageError

FILE = "secrets.yaml"
_LENGTH = 20  # bytes of chance in each


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Texts of letters and digits, by name."""

    now: Mapping[str, str] = field(repr=False)
    before: Mapping[str, str] = field(default_factory=dict, repr=False)  # where the last renewal changed them


def known(folder: Path) -> Secrets | None:
    """The secrets that a cloud has; None before its first start. Raises `UsageError` for a file that is spoilt."""
    path = folder / FILE
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="run as the user that it belongs to"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} does not parse: {error}", hint=_LOST) from error
    if not isinstance(value, dict) or not all(_are_texts(value.get(key, {})) for key in ("now", "before")):
        raise UsageError(f"{path} does not hold the secrets of a cloud", hint=_LOST)
    return Secrets(now=value.get("now", {}), before=value.get("before", {}))


_LOST = "bring the file back from a copy; without it, `kollage down --purge` and begin anew"


def complete(found: Secrets | None, names: Iterable[str]) -> Secrets:
    """The secrets with one for every name."""
    have = found or Secrets(now={})
    return Secrets(now={**{name: _new() for name in names if name not in have.now}, **have.now}, before=have.before)


def renewed(found: Secrets, *, kept: Iterable[str] = ()) -> Secrets:
    """All secrets anew, but for those that cannot be changed while data depend on them."""
    return Secrets(now={name: value if name in kept else _new() for name, value in found.now.items()}, before=found.now)


def text(secret: Secrets) -> str:
    """What stands in the file."""
    return yaml.safe_dump({"now": dict(sorted(secret.now.items())), "before": dict(sorted(secret.before.items()))})


def _new() -> str:
    return secrets.token_hex(_LENGTH)


def _are_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)
