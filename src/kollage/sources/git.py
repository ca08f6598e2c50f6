"""A git repository as a source: which commit a reference means, and the tree of that commit as a tar.

Only the git program talks to the repository. Nothing waits for a password, no password stays behind, and what
the user's git is told about line ends, modes, filters or exported files changes nothing in the tree.
"""

import configparser
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from packaging.version import InvalidVersion, Version

from kollage import process
from kollage.addresses import public
from kollage.errors import EngineError, SourceError
from kollage.sources.download import NO_NETWORK, Network, PassingError, patiently

_COMMIT = re.compile(r"[0-9a-f]{40}")
_HOUR = 3600.0  # seconds: the longest that one call of git may take
_PASSING = re.compile(
    r"(?i)could not resolve|connection|timed out|early eof|rpc failed|hung up|returned error: (429|5\d\d)"
)
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1000",  # bytes a second ...
    "GIT_HTTP_LOW_SPEED_TIME": "60",  # ... for so many seconds, and git gives up
    "LC_ALL": "C",
}
# a command line holds the names of these variables; everybody on the host may read it, and not what they hold
_ACCOUNT = re.compile(r"(?i)(https?://)([^/:@\s]*):([^/\s]*)@([^/@\s]+)")
_USER, _PASSWORD = "KOLLAGE_GIT_USER", "KOLLAGE_GIT_PASSWORD"
_ANSWER = f'!f() {{ printf "username=%s\\npassword=%s\\n" "${_USER}" "${_PASSWORD}"; }}; f'
_VERBATIM = "* -export-ignore -export-subst -filter -ident -text\n"  # the files as they were committed
_VERSIONS = ("--match", "[0-9]*", "--match", "v[0-9]*", "--exclude", "*-e*")  # not 2023.1-eol, 2023.1-eom


def commit_of(location: str, reference: str, network: Network) -> str:
    """Say which commit a branch, a tag or a commit's digits mean; only all 40 digits need no network."""
    _refuse_flags(location, reference)
    if _COMMIT.fullmatch(reference.lower()):
        return reference.lower()
    names = _full_names(reference or "HEAD")
    lines = _remote(["ls-remote", "--", location, *names], location, network).splitlines()
    known = {name: commit for commit, _, name in (line.partition("\t") for line in lines)}
    for name in names:
        if name in known:
            return known[name]
    raise SourceError(
        f"{public(location)} has no branch or tag '{reference}'",
        hint="a commit needs all its 40 digits; 'git ls-remote' lists what there is",
    )


def write_tree(location: str, commit: str, target: Path, *, top: str, reference: str, network: Network) -> None:
    """Write the files of a commit as a tar below the directory `top`; the target's folder is scratch.

    A tree that pbr would ask git for its version gets the answer as a file `PKG-INFO`, taken from the tags.
    """
    _refuse_flags(location, reference)
    repository = target.with_name("repository")
    here = ["--git-dir", str(repository)]
    try:
        _git(["init", "--quiet", "--bare", "--template=", str(repository)])
        _fetch(here, location, commit, reference, network)
        (repository / "info").mkdir(exist_ok=True)
        (repository / "info/attributes").write_text(_VERBATIM)
        added = _note_file(here, location, commit, target.with_name("PKG-INFO"), network)
        where = [f"--prefix={top}/", *added, f"--output={target}", commit]
        _git([*here, "-c", "tar.umask=0022", "archive", "--format=tar", *where])
    except process.CommandError as error:  # of a call that never leaves this host
        raise SourceError(error.message, hint="check the space on the disk and the version of git") from error


def version_note(folder: Path) -> Mapping[str, bytes]:
    """Make the `PKG-INFO` that a folder under git lacks; nothing where pbr would not ask for it."""
    names = {path.name for path in folder.iterdir()}
    if ".git" not in names or not _lacks_note(names):
        return {}
    project = _project((folder / "setup.cfg").read_text(encoding="utf-8", errors="replace"))
    here = ["--git-dir", str(folder / ".git")]  # named, so that git reads it whoever owns the folder
    try:
        return {"PKG-INFO": _note(project, _version(here, "HEAD"))} if project else {}
    except (SourceError, process.CommandError):  # no git, or no commit yet: pbr may be told by PBR_VERSION
        return {}


def _full_names(reference: str) -> list[str]:
    """List what a reference can be short for, in the order in which `git checkout` decides.

    With ^{} it is the commit that an annotated tag names.
    """
    if reference == "HEAD" or reference.startswith("refs/"):
        return [f"{reference}^{{}}", reference]
    tag, branch = f"refs/tags/{reference}", f"refs/heads/{reference.removeprefix('origin/')}"
    return [f"{tag}^{{}}", tag, branch]


def _fetch(here: Sequence[str], location: str, commit: str, reference: str, network: Network) -> None:
    """Fetch a commit without its history, or everything from a server that does not give single commits."""
    fetch = [*here, "fetch", "--quiet", "--no-tags"]
    try:
        _git([*fetch, "--depth=1", "--", location, commit], network)
    except process.CommandError:
        named = [f"+{reference}:{reference}"] if reference.startswith("refs/") else []
        wanted = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", *named]
        _remote([*fetch, "--", location, *wanted], location, network)
    try:
        _git([*here, "cat-file", "-e", f"{commit}^{{commit}}"])
    except process.CommandError as error:
        raise SourceError(
            f"{public(location)} has no commit {commit}",
            hint="check the reference, or name its branch as well",
        ) from error


def _note_file(here: Sequence[str], location: str, commit: str, path: Path, network: Network) -> list[str]:
    """Write the `PKG-INFO` of a commit where one is needed, and say so to `git archive`."""
    names = {*_git([*here, "ls-tree", "--name-only", commit]).splitlines()}
    project = _project(_git([*here, "show", f"{commit}:setup.cfg"])) if _lacks_note(names) else ""
    if not project:
        return []
    if (Path(here[-1]) / "shallow").exists():  # its history, without the files
        history = ["fetch", "--quiet", "--unshallow", "--filter=tree:0", "--", location]
        _remote([*here, *history, "+refs/tags/*:refs/tags/*", commit], location, network)
    path.write_bytes(_note(project, _version(here, commit)))
    return [f"--add-file={path}"]


def _lacks_note(names: set[str]) -> bool:
    return "setup.cfg" in names and "PKG-INFO" not in names


def _project(setup_cfg: str) -> str:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(setup_cfg)
    except configparser.Error:  # not ours to judge
        return ""
    return parser.get("metadata", "name", fallback="").strip()


def _note(project: str, version: str) -> bytes:
    return f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode()


def _version(here: Sequence[str], commit: str) -> str:
    """Count on from the last tag, as pbr does: 30.0.0 and twelve commits are 30.0.1.dev12."""
    try:
        tag, distance, _ = _git([*here, "describe", "--tags", "--long", *_VERSIONS, commit]).rsplit("-", 2)
        return _development(Version(tag), int(distance))
    except (process.CommandError, InvalidVersion):  # no tag that is a version
        return f"0.0.1.dev{_git([*here, 'rev-list', '--count', commit]).strip()}"


def _development(tag: Version, distance: int) -> str:
    if not distance:
        return str(tag)
    if tag.pre:
        return f"{tag.base_version}{tag.pre[0]}{tag.pre[1] + 1}.dev{distance}"
    major, minor, patch = (*tag.release, 0, 0)[:3]
    return f"{major}.{minor}.{patch + 1}.dev{distance}"


def _remote(command: Sequence[str], location: str, network: Network) -> str:
    """Run git against another host, patiently."""

    def attempt() -> str:
        try:
            return _git(command, network)
        except process.CommandError as error:
            raise _sentence(location, error) from None  # its command line may hold a password

    return patiently(attempt, network.pauses)


def _sentence(location: str, error: process.CommandError) -> SourceError:
    said = [line for line in error.tail if line.startswith(("fatal:", "error:"))] or [
        *error.tail,
        str(error.code),
    ]
    message = f"git cannot read {public(location)}: {public(said[0])}"
    if any(_PASSING.search(line) for line in error.tail):
        return PassingError(message, hint=NO_NETWORK)
    return SourceError(message, hint="try 'git ls-remote' on it; passwords belong into git's credential helper")


def _git(command: Sequence[str], network: Network | None = None) -> str:
    certificates = {"GIT_SSL_CAINFO": str(network.ca_bundle)} if network and network.ca_bundle else {}
    words, secrets = _kept_apart(command)
    try:
        return process.run(["git", *words], env={**_ENVIRONMENT, **certificates, **secrets}, timeout=_HOUR)
    except EngineError as error:
        raise SourceError(
            f"git is needed for a source of type git: {error.message}",
            hint="install git, or use type url",
        ) from error


def _kept_apart(command: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    """Take the password out of the address in a command; git asks for it, for this server alone, and is answered."""
    found = next(filter(None, map(_ACCOUNT.match, command)), None)
    if not found:  # a name alone is for the credential helper of the user
        return [*command], {}
    scheme, user, password, host = found.groups()
    ours = f"credential.{scheme}{host}.helper"
    words = [f"{scheme}{host}{word[found.end() :]}" if word == found.string else word for word in command]
    return ["-c", f"{ours}=", "-c", f"{ours}={_ANSWER}", *words], {_USER: unquote(user), _PASSWORD: unquote(password)}


def _refuse_flags(*words: str) -> None:
    for word in words:
        if word.startswith("-"):
            raise SourceError(
                f"'{public(word)}' would be a flag to git", hint="a location or reference starts otherwise"
            )
