"""Addresses as they may be shown and kept."""

import re

_SECRETS = (
    (re.compile(r"(?<=://)[^/@\s]*@"), ""),
    (re.compile(r"(?<=://)[^/@\s:]+:(?!\d+/)[^@\s]*@"), ""),  # a password with a slash in it
    (
        re.compile(r"(?i)([?&][\w.-]*(?:token|secret|signature|password|credential)[\w.-]*=)[^&#\s]+"),
        r"\1***",
    ),
)


def public(text: str) -> str:
    """Take the user, the password and what looks like a token out of the addresses in a text."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
