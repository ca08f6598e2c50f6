"""Files of an image, read without trust: what is no file, or cannot be read, is empty."""

from kollage.verify.subject import Subject


def text(subject: Subject, path: str) -> str:
    """The text of a file of the image, links followed; "" where there is none that can be read."""
    entry = subject.entries.get(path)
    real = path if entry and entry.is_file else subject.resolved(path)
    found = subject.entries.get(real)
    if found is None or not found.is_file:
        return ""
    try:
        return subject.beginning(real, found.size).decode(errors="replace")
    except OSError:
        return ""


def beginning(subject: Subject, path: str, size: int) -> bytes:
    """The first bytes of a file that is one of the image's entries; none where it cannot be read."""
    try:
        return subject.beginning(path, size)
    except OSError:
        return b""
