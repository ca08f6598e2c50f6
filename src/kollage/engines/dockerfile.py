"""What the text of a Dockerfile says about the images that it begins with and the builder that it needs."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

_CONTINUED = re.compile(r"\\[ \t]*\n")


def read(path: Path) -> str:
    """The text; of one that is not there it is empty, and the engine says so better."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def parents(text: str) -> tuple[str, ...]:
    """The images that stages begin with, each once; one that a build argument names is not known here."""
    stages: set[str] = set()
    found: list[str] = []
    for image, stage in _stages(text):
        if image not in stages and image != "scratch" and "$" not in image:
            found.append(image)
        stages.add(stage)
    return tuple(dict.fromkeys(found))


def final_parent(text: str) -> str:
    """The image that the last stage stands on, through other stages; "" where there is none or it is not known here."""
    begins_with = ""
    known: dict[str, str] = {}
    for image, stage in _stages(text):
        begins_with = known.get(image, image)
        known[stage] = begins_with
    return "" if begins_with == "scratch" or "$" in begins_with else begins_with


def binds(text: str) -> bool:
    """Whether a RUN line sees files of the context, of another stage or of a further context without a copy."""
    mounts = [flag for word, flags, _ in _instructions(text) if word == "RUN" for flag in flags if _is_mount(flag)]
    kinds = [re.search(r"\btype=(\w+)", mount) for mount in mounts]
    return any(kind is None or kind.group(1) == "bind" for kind in kinds)


def mentioned(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the further build contexts that the text uses."""
    used = {image for image, _ in _stages(text)}
    for _, flags, _ in _instructions(text):
        used |= {name for flag in flags for name in re.findall(r"\bfrom=([^,\s]+)", flag)}
    return tuple(name for name in names if name in used)


def beyond_classic(text: str, contexts: Iterable[str]) -> str:
    """The first thing in the text that docker's classic builder does not know; "" where it knows all."""
    for word, flags, _ in _instructions(text):
        unknown = [flag for flag in flags if re.match(r"--(mount|network|security|chmod|link|parents|exclude)\b", flag)]
        if unknown:
            return f"{word} {unknown[0].partition('=')[0]}"
    further = mentioned(text, contexts)
    return f"the further build context '{further[0]}'" if further else ""


def _is_mount(flag: str) -> bool:
    return flag.startswith("--mount")


def _stages(text: str) -> Iterator[tuple[str, str]]:
    """The image or stage that each stage begins with, and its own name."""
    for word, _, rest in _instructions(text):
        words = rest.split()
        if word == "FROM" and words:
            yield words[0], words[2] if len(words) > 2 else ""  # FROM image AS name


def _instructions(text: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each instruction's word in capitals, its flags, and the rest, however many lines it was written on."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in _CONTINUED.sub(" ", "\n".join(lines)).splitlines():
        word, _, rest = line.strip().partition(" ")
        flags: list[str] = []
        while (rest := rest.lstrip()).startswith("--"):
            flag, _, rest = rest.partition(" ")
            flags.append(flag)
        yield word.upper(), tuple(flags), rest
