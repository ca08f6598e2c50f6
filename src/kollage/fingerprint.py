"""The identity of a step: a hash of all its inputs, and of nothing else.

Two steps with one fingerprint are the same recipe, on any machine and under any tag. It does not promise the same
bits, because package archives move; the release's epoch among the inputs says which state of them is meant.
"""

import hashlib
import json
from collections.abc import Mapping


def content(data: bytes) -> str:
    """The hash of a file's content."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(inputs: Mapping[str, object]) -> str:
    """The identity of named inputs, 32 hexadecimal digits; the order of names does not matter."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def tag(identity: str) -> str:
    """The tag under which an image of this identity is found in a store or a registry."""
    return f"fp-{identity}"
