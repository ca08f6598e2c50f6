"""What an image that runs must not hold: build tools, caches, secrets, open files, privileges nobody asked for.

What is looked for, and what is allowed with its reason, is in contract.toml beside the images. Contents are read once
for all checks that look into files, and only of files in which a secret can be. Nothing that is found is repeated in a
message: logs are no place for secrets either.
"""

import re
import stat
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from kollage.catalogue import IMAGES
from kollage.facts import read
from kollage.verify.patterns import Matches, any_of
from kollage.verify.subject import Check, Entry, Finding, Subject

_MEGABYTE = 10**6
_READ = 2**20  # bytes: a key or a configuration file is not larger
_PACKAGES = "/var/lib/dpkg/status"
_COMMANDS = re.compile(r"/(?:bin|sbin)/[^/]+$")
_COMPILED = (".pyc", ".so", ".mo", ".beam")  # what is in their sources is not looked for in them again
_SET_ID = stat.S_ISUID | stat.S_ISGID
# with its body: programs that know such keys hold the first line too
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    rb"(?:[\s\"',+b]|\\n|[A-Za-z-]+: [^\n]*\n)*[A-Za-z0-9+/=]{60}"
)
# neither a variable nor a placeholder in brackets
_URL_PASSWORD = re.compile(rb"[a-z0-9]://[^/\s:@\"'<>\[\](){}$*]+:[^/\s@\"'<>\[\](){}$*]+@[\w\[]")
_PROXY = re.compile(
    rb"^[^#\n/]*proxy[\"']?(?:[ \t]*[=:][ \t]*|[ \t]+)[\"']?(?:[a-z0-9]+://|[\w.-]+:\d)",
    re.MULTILINE | re.IGNORECASE,
)
_PROXY_IN_HISTORY = re.compile(r"\b\w+_proxy=[\"']?(?:[a-z0-9]+://|[\w.-]+:\d)", re.IGNORECASE)
_BUILD_ARGUMENTS = re.compile(r"^(?:RUN )?\|\d+ (.*)")  # how engines note what a build was given
_ARGUMENT = re.compile(r"(\w+)=[^\s$]")
_AUTHORIZED = re.compile(rb"\"(?:auth|identitytoken)\"\s*:\s*\"[^\"]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hygiene:
    """The table `hygiene` of contract.toml. A mapping is from a pattern or name to the reason."""

    compilers: frozenset[str]
    compiler_packages: Matches
    development_packages: Matches
    development_files: Matches
    credential_files: Matches
    secret_names: Matches
    configuration_files: Matches
    proxy_files: Matches
    authorities: Matches
    sticky: frozenset[str]
    devices: tuple[str, ...]
    caches: Mapping[str, str]
    leftovers: Mapping[str, str]
    published: Matches
    privileged: Mapping[str, str]


# --- the checks ---


def _compiler(subject: Subject) -> Iterator[Finding]:
    facts = _hygiene()
    for path, entry in subject.entries.items():
        name = path.rpartition("/")[2]
        if name in facts.compilers and not entry.is_folder and _COMMANDS.search(path):
            yield _finding("compiler", path, "is a build tool", hint="build in a stage of its own and copy the result")
    for package in _packages(subject):
        if facts.compiler_packages(package):
            yield _finding(
                "compiler", package, "is a package of a build tool", hint="see python.compilers of image.toml"
            )


def _development(subject: Subject) -> Iterator[Finding]:
    facts = _hygiene()
    for package in _packages(subject):
        if facts.development_packages(package):
            yield _finding("development", package, "is a package that only builds need")
    for path in filter(facts.development_files, subject.entries):
        yield _finding("development", path, "is a file that only builds need")


def _cache(subject: Subject) -> Iterator[Finding]:
    yield from _heaps("cache", subject, _hygiene().caches)


def _left_over(subject: Subject) -> Iterator[Finding]:
    yield from _heaps("leftovers", subject, _hygiene().leftovers)


def _secrets(subject: Subject) -> Iterator[Finding]:
    yield from _secret_files(subject)
    yield from _secrets_of_the_configuration(subject)
    yield from _passwords(subject.text("/etc/shadow"))
    for number, text in enumerate(subject.history, start=1):
        yield from _secrets_of_a_layer(number, text)


def _authority(subject: Subject) -> Iterator[Finding]:
    for path in filter(_hygiene().authorities, subject.entries):
        if not subject.entries[path].is_folder:
            hint = "give it to containers in ca-certificates of their configuration"
            yield _finding("authority", path, "is a certificate authority that every container would trust", hint=hint)


def _writable(subject: Subject) -> Iterator[Finding]:
    facts = _hygiene()
    for path, entry in subject.entries.items():
        open_to_all = entry.mode & stat.S_IWOTH and not entry.is_link
        allowed = path in facts.sticky and entry.mode & stat.S_ISVTX
        if open_to_all and not allowed and not path.startswith(facts.devices):
            mode = f"{stat.S_IMODE(entry.mode):04o}"
            yield _finding("writable", path, f"can be written by everybody: {mode}", hint=f"chmod o-w {path}")


def _privileged(subject: Subject) -> Iterator[Finding]:
    allowed = _hygiene().privileged
    able = {path: entry for path, entry in subject.entries.items() if entry.mode & _SET_ID and entry.is_file}
    for path, entry in able.items():
        # older suites keep /bin and /sbin apart from /usr
        packaged = path.startswith(("/usr/", "/bin/", "/sbin/")) and not path.startswith("/usr/local/")
        known = path in allowed or (packaged and path.rpartition("/")[2] in allowed)
        if not known:
            mode = f"{stat.S_IMODE(entry.mode):04o}"
            said = f"runs with the rights of {entry.uid}:{entry.gid} ({mode}) and is not known to need that"
            yield _finding("privileged", path, said, hint=f"chmod ug-s {path}")


def _size(subject: Subject) -> Iterator[Finding]:
    budget = subject.image.verify.size
    size = sum(entry.size for entry in subject.entries.values() if entry.is_file) / _MEGABYTE
    if budget and size > budget:
        yield _finding("size", subject.image.name, f"holds {size:.0f} MB and may hold {budget} MB")


CHECKS: tuple[Check, ...] = (
    _compiler,
    _development,
    _cache,
    _left_over,
    _secrets,
    _authority,
    _writable,
    _privileged,
    _size,
)


# --- packages and heaps of files ---


def _packages(subject: Subject) -> list[str]:
    """The packages of the Debian family that are installed; the other family's are in a database that is not read."""
    return re.findall(r"^Package: (\S+)\nStatus: \S+ ok installed$", subject.text(_PACKAGES), re.MULTILINE)


def _heaps(check: str, subject: Subject, heaps: Mapping[str, str]) -> Iterator[Finding]:
    """One finding for all files of a pattern in one place; empty files are locks and marks."""
    heaped = any_of(heaps)
    entries = {path: entry for path, entry in subject.entries.items() if heaped(path) and _weighs(entry)}
    for pattern, reason in heaps.items():
        place_of, files = _place_of(pattern), defaultdict(list)
        for path, entry in entries.items():
            if place := place_of(path):
                files[place].append(entry.size)
        for place, sizes in files.items():
            amount = f"files: {len(sizes)}, {sum(sizes) / _MEGABYTE:.1f} MB"
            yield _finding(check, place, f"{amount}; {reason}", hint="remove it in the RUN line that makes it")


def _place_of(pattern: str) -> Callable[[str], str]:
    """Gives what a path has of a pattern, up to the last star: the folder where such files are; "" for other paths."""
    fixed = re.compile(".*?".join(map(re.escape, pattern.removesuffix("*").split("*"))))
    match = fixed.match if pattern.endswith("*") else fixed.fullmatch

    def place(path: str) -> str:
        found = match(path)
        return found[0].rstrip("/") if found else ""

    return place


def _weighs(entry: Entry) -> bool:
    return entry.is_link or (entry.is_file and entry.size > 0)


# --- secrets ---


def _secret_files(subject: Subject) -> Iterator[Finding]:
    facts = _hygiene()
    for path, content in _contents(subject, facts):
        if facts.credential_files(path) and (not path.endswith(".json") or _AUTHORIZED.search(content)):
            yield _finding("secrets", path, "is a file of credentials", hint="give it to the build as a secret")
        if b"PRIVATE KEY-----" in content and _PRIVATE_KEY.search(content):
            yield _finding("secrets", path, "holds a private key that every copy of the image would share")
        if facts.configuration_files(path) and _URL_PASSWORD.search(content):
            yield _finding("secrets", path, "holds a URL with a password")
        if facts.proxy_files(path) and _PROXY.search(content):
            yield _finding("secrets", path, "names a proxy of the host that built it")


def _contents(subject: Subject, facts: _Hygiene) -> Iterator[tuple[str, bytes]]:
    """The files in which a secret can be, each read once."""
    for path, entry in subject.entries.items():
        readable = 0 < entry.size <= _READ and entry.is_file and not path.endswith(_COMPILED)
        if readable and not path.startswith(facts.devices) and not facts.published(path):
            yield path, subject.beginning(path, entry.size)


def _secrets_of_the_configuration(subject: Subject) -> Iterator[Finding]:
    facts = _hygiene()
    for name, value in subject.environment.items():
        if not value:
            continue
        if facts.secret_names(name.upper()):
            yield _finding("secrets", name, "is an environment variable of the image with a secret")
        if name.lower().endswith("_proxy"):
            yield _finding("secrets", name, "is an environment variable of the image with a proxy of its host")
    stored = subject.configuration.get("Labels")
    labels = stored if isinstance(stored, dict) else {}
    for name, value in (*subject.environment.items(), *labels.items()):
        if _URL_PASSWORD.search(str(value).encode()):
            yield _finding("secrets", name, "is a variable or label of the image with a password in a URL")


def _secrets_of_a_layer(number: int, text: str) -> Iterator[Finding]:
    """What the history, which everybody can read who has the image, tells of a build's host."""
    hint = "give it to the build as a secret"
    if _PROXY_IN_HISTORY.search(text):
        yield _finding("secrets", "history", f"tells a proxy of the host in line {number}", hint=hint)
    if _URL_PASSWORD.search(text.encode()):
        yield _finding("secrets", "history", f"tells a password in a URL in line {number}", hint=hint)
    given = _BUILD_ARGUMENTS.match(text)
    for name in _ARGUMENT.findall(given[1]) if given else ():
        if _hygiene().secret_names(name.upper()):
            yield _finding("secrets", name, "is a build argument with a secret that the history tells", hint=hint)


def _passwords(shadow: str) -> Iterator[Finding]:
    for name in re.findall(r"^([^:]+):\$", shadow, re.MULTILINE):
        yield _finding("secrets", name, "is an account with a password, the same in every copy of the image")


# --- facts ---


@cache
def _hygiene() -> _Hygiene:
    table = read(IMAGES / "contract.toml").table("hygiene")
    hygiene = _Hygiene(
        compilers=frozenset(table.texts("compilers")),
        compiler_packages=any_of(table.texts("compiler-packages")),
        development_packages=any_of(table.texts("development-packages")),
        development_files=any_of(table.texts("development-files")),
        credential_files=any_of(table.texts("credential-files")),
        secret_names=any_of(table.texts("secret-names")),
        configuration_files=any_of(table.texts("configuration-files")),
        proxy_files=any_of(table.texts("proxy-files")),
        authorities=any_of(table.texts("authorities")),
        sticky=frozenset(table.texts("sticky")),
        devices=tuple(f"{folder}/" for folder in table.texts("devices")),
        caches=table.mapping("caches"),
        leftovers=table.mapping("leftovers"),
        published=any_of(table.mapping("published")),
        privileged=table.mapping("privileged"),
    )
    table.done()
    return hygiene


def _finding(check: str, subject: str, message: str, *, hint: str = "") -> Finding:
    return Finding(check=f"hygiene.{check}", subject=subject, message=message, hint=hint)
