"""Findings that are right where they are."""

from fnmatch import fnmatchcase

from kollage.image import Image
from kollage.results import Finding


def is_excepted(finding: Finding, image: Image) -> bool:
    """Whether image.toml has a reason for it: for just this finding, or for a pattern of them."""
    text = f"{finding.check} {finding.subject}"
    return any(text == pattern or fnmatchcase(text, pattern) for pattern in image.verify.exceptions)
