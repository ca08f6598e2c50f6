"""Runs in the peer's interpreter: a request comes as JSON, and what the peer's code says goes back as JSON.

It imports nothing of ours. The peer reads its YAML files anew for each call; here each text is parsed once, and each
call gets a copy of its own.
"""

import importlib
import json
import pickle
import sys
from functools import cache
from typing import Any, TextIO

import yaml


@cache
def _parsed(text: str) -> bytes:
    return pickle.dumps(yaml.load(text, Loader=yaml.CSafeLoader))


def _load(file: TextIO) -> Any:
    return pickle.loads(_parsed(file.read()))


def _said(name: str, arguments: list[Any]) -> dict[str, str]:
    try:
        return {"text": getattr(importlib.import_module("kolla.template.methods"), name)(*arguments)}
    except Exception as error:  # noqa: BLE001 - whatever the peer raises is its answer
        return {"error": type(error).__name__}


def _unbuildable() -> dict[str, list[str]]:
    """Images by place; Kolla writes `base+architecture` where both have to match."""
    places = importlib.import_module("kolla.image.unbuildable").UNBUILDABLE_IMAGES
    return {place.replace("+", "-"): sorted(images) for place, images in places.items() if images}


def main() -> None:
    """Answer what stands on standard input."""
    request = json.load(sys.stdin)
    setattr(yaml, "safe_load", _load)  # noqa: B010 - its type is wider than what the peer needs
    if "unbuildable" in request:
        answer: object = _unbuildable()
    elif "users" in request:
        answer = importlib.import_module("kolla.common.users").USERS
    else:
        answer = [_said(name, arguments) for name, arguments in request["calls"]]
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
