"""Take over the facts of Kolla's that its templates need: `python -m tests.peer.facts.renew PEER_PREFIX`.

PEER_PREFIX is a virtual environment with kolla. Then read the difference: an image that the peer newly counts as
unbuildable comes without a reason, and a test asks for one in our own words.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kollage.catalogue import IMAGES
from kollage.repositories import load_sources

FACTS = IMAGES / "kolla"
_ASK = Path(__file__).with_name("ask.py")
_RENEW = "Renewed by `python -m tests.peer.facts.renew`."


def ask(peer: Path, request: Mapping[str, object]) -> Any:
    """What the peer's own code answers, from its own interpreter."""
    asked = subprocess.run(
        [peer / "bin" / "python", _ASK], input=json.dumps(request), capture_output=True, text=True, check=True
    )
    return json.loads(asked.stdout)


def package(peer: Path) -> Path:
    """The peer's package."""
    return next(peer.glob("lib/python3*/site-packages/kolla"))


def read_yaml(path: Path) -> Any:
    """A file of the peer's or of ours as plain values."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def main(peer: Path) -> None:
    """Replace the three files."""
    repositories = read_yaml(package(peer) / "template" / "repos.yaml")
    _write_yaml(
        "repos.yaml",
        f"Package repositories by section and name, in the order that commands follow. {_RENEW}",
        {section: {name: _sorted(entry) for name, entry in names.items()} for section, names in repositories.items()},
    )
    sources = load_sources(package(peer) / "common" / "sources.yaml")
    _write_yaml(
        "sources.yaml",
        f"Where sources of Kolla's images come from, by section. {_RENEW}",
        {section: _sorted(facts) for section, facts in sources.items()},
    )
    _write_unbuildable(ask(peer, {"unbuildable": True}))


def _sorted(table: Mapping[str, object]) -> dict[str, object]:
    return {key: _sorted(value) if isinstance(value, Mapping) else value for key, value in sorted(table.items())}


def _write_yaml(name: str, title: str, sections: Mapping[str, object]) -> None:
    text = yaml.dump(dict(sorted(sections.items())), Dumper=_Dumper, sort_keys=False, width=10_000)
    (FACTS / name).write_text(f"# {title}\n{text}", encoding="utf-8")


def _write_unbuildable(places: Mapping[str, list[str]]) -> None:
    path = FACTS / "unbuildable.toml"
    reasons = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = [f"# Where images of Kolla's do not build, and why. {_RENEW}"]
    for place, images in sorted(places.items()):
        known = reasons.get(place, {})
        lines += ["", f"[{place}]", *(f"{image} = {json.dumps(known.get(image, ''))}" for image in images)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
