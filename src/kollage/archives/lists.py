"""The package archives that a root file system names, with the keys that it trusts for each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kollage.rootfs import Root

_FOLDER = "/etc/apt"
_OPTIONS = re.compile(r"([\w-]+)\+?=(\S+)")
_KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One suite of one archive."""

    address: str
    suite: str  # with a slash at its end it is a folder
    components: tuple[str, ...] = ()
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    dated: bool = False  # whether it may be a state of the past

    @property
    def folder(self) -> str:
        """The address of the release file's folder."""
        address = self.address.rstrip("/")
        if self.suite.endswith("/"):
            return f"{address}/{self.suite.strip('/')}".rstrip("/").removesuffix("/.")
        return f"{address}/dists/{self.suite}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry of a list, of either form."""

    addresses: Sequence[str]
    suites: Sequence[str]
    components: Sequence[str]
    options: Mapping[str, str]  # by name, in small letters


def archives(root: Root) -> tuple[Archive, ...]:
    """The archives that can be believed: those that are signed, and reached by http, https or as files."""
    found = [
        Archive(
            address=address,
            suite=suite,
            components=tuple(entry.components),
            keys=_keys(root, entry.options.get("signed-by", "")),
            dated=entry.options.get("check-valid-until", "").lower() == "no",
        )
        for entry in _entries(root)
        for address in entry.addresses
        for suite in entry.suites
        if not _doubt(entry, address)
    ]
    return tuple(dict.fromkeys(found))


def unread(root: Root) -> tuple[str, ...]:
    """The archives that are not read, each with the reason."""
    doubts = ((address, _doubt(entry, address)) for entry in _entries(root) for address in entry.addresses)
    return tuple(dict.fromkeys(f"{address} {doubt}" for address, doubt in doubts if doubt))


def _doubt(entry: _Entry, address: str) -> str:
    if entry.options.get("trusted", "").lower() == "yes":
        return "is trusted without a signature"
    if not address.startswith(("http://", "https://", "file:")):
        return "is not reached by http, https or as a file"
    return ""


def _entries(root: Root) -> Iterator[_Entry]:
    yield from _lines(root.text(f"{_FOLDER}/sources.list"))
    for name in root.names(f"{_FOLDER}/sources.list.d"):
        text = root.text(f"{_FOLDER}/sources.list.d/{name}")
        if name.endswith(".list"):
            yield from _lines(text)
        elif name.endswith(".sources"):
            yield from _paragraphs(text)


def _lines(text: str) -> Iterator[_Entry]:
    for line in text.splitlines():
        found = re.match(r"deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)", line.strip())
        if found:
            options = {name.lower(): value for name, value in _OPTIONS.findall(found[1] or "")}
            yield _Entry(addresses=[found[2]], suites=[found[3]], components=found[4].split(), options=options)


def _paragraphs(text: str) -> Iterator[_Entry]:
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for paragraph in re.split(r"\n\s*\n", plain):
        found = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", paragraph, re.MULTILINE)
        fields = {name.lower(): value for name, value in found}
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").strip().lower() != "no":
            yield _Entry(
                addresses=fields.get("uris", "").split(),
                suites=fields.get("suites", "").split(),
                components=fields.get("components", "").split(),
                options={name: value.strip() for name, value in fields.items()},
            )


def _keys(root: Root, signed_by: str) -> tuple[bytes, ...]:
    """The keyrings for an archive: those that it names, or holds itself, else all that are trusted."""
    if _KEY in signed_by:
        lines = (line.strip() for line in signed_by.splitlines())
        return ("\n".join("" if line == "." else line for line in lines).encode(),)
    named = [path for path in re.split(r"[\s,]+", signed_by) if path.startswith("/")]
    trusted = [
        f"{_FOLDER}/trusted.gpg",
        *(f"{_FOLDER}/trusted.gpg.d/{n}" for n in root.names(f"{_FOLDER}/trusted.gpg.d")),
    ]
    contents = (root.content(path) for path in named or trusted if path.endswith((".gpg", ".asc", ".pgp")))
    return tuple(content for content in contents if content)
