"""A package index: where the source distribution of one exact version is, and its checksum.

Speaks the simple API (PEP 691), and with indexes that know no other its older form, pages of links (PEP
503).
"""

import json
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import Version

from kollage.addresses import public
from kollage.errors import SourceError
from kollage.sources.download import AbsentError, Network, read_page

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdist:
    """A source distribution on an index; `sha256` is "" where the index publishes none."""

    filename: str
    url: str = field(repr=False)  # may hold the password of the index
    sha256: str = ""


def find_sdist(project: str, version: Version, network: Network) -> Sdist:
    """Find the source distribution of exactly this version, a tar before a zip."""
    name = canonicalize_name(project)
    page = urljoin(network.index_url.rstrip("/") + "/", f"{name}/")
    releases = [(_release(sdist.filename), sdist) for sdist in _files(page, network)]
    matching = [sdist for release, sdist in releases if release == (name, version)]
    if matching:
        return min(matching, key=lambda sdist: (sdist.filename.endswith(".zip"), sdist.filename))
    newest = sorted({release[1] for release, _ in releases if release and release[0] == name}, reverse=True)[:5]
    raise SourceError(
        f"{public(page)} offers no source distribution of {name} {version}",
        hint=f"it has {', '.join(map(str, newest))}" if newest else "it may have wheels only: use a git source",
    )


def _release(filename: str) -> tuple[str, Version] | None:
    try:
        return parse_sdist_filename(filename)
    except InvalidSdistFilename:  # a wheel, or something older
        return None


def _files(page: str, network: Network) -> list[Sdist]:
    try:
        address = f"{page}index.html" if page.startswith("file:") else page
        text, kind, place = read_page(address, network, accept=_ACCEPT)
    except AbsentError as error:
        raise SourceError(
            f"the package index has no project at {public(page)}",
            hint="check the name of the project and the address of the index",
        ) from error
    try:
        found = _from_json(text) if "json" in kind else _from_links(text)
        return [replace(sdist, url=_with_login(urljoin(place, sdist.url), page)) for sdist in found]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{public(place)} does not answer as a package index does ({error!r})",
            hint="check the index address",
        ) from error


def _from_json(text: str) -> list[Sdist]:
    return [
        Sdist(filename=file["filename"], url=file["url"], sha256=file["hashes"].get("sha256", ""))
        for file in json.loads(text)["files"]
    ]


class _Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _from_links(text: str) -> list[Sdist]:
    links = _Links()
    links.feed(text)
    links.close()
    return [
        Sdist(
            filename=unquote(urlsplit(link).path.rpartition("/")[2]),
            url=urldefrag(link).url,
            sha256=_sha256(link),
        )
        for link in links.found
    ]


def _sha256(link: str) -> str:
    found = re.fullmatch(r"sha256=([0-9a-fA-F]{64})", urldefrag(link).fragment)
    return found[1].lower() if found else ""


def _with_login(url: str, page: str) -> str:
    """Give a file on the index's own host the user and password of the index, as pip does."""
    login, at, host = urlsplit(page).netloc.rpartition("@")
    parts = urlsplit(url)
    same = (parts.scheme, parts.netloc) == (urlsplit(page).scheme, host)
    return parts._replace(netloc=f"{login}{at}{host}").geturl() if same else url
