"""Repositories and packages as templates ask for them, and what is said of files and templates that are wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kollage.catalogue import IMAGES
from kollage.errors import KollageError, RenderError, UsageError
from kollage.repositories import Repositories, debian_package_install, load_repositories, load_sources

USUAL = """
rpm:
  epel: {name: epel, metalink: "https://mirrors/epel", gpgkey: "https://keys/epel"}
  crb: {name: crb, distro: true}
  extras: {name: extras, distro: true}
rocky:
  appstream: {name: appstream, distro: true, file_group: rocky.repo}
  baseos: {name: baseos, distro: true, file_group: rocky.repo}
rocky-aarch64:
  epel: {baseurl: "https://mirrors/a\\nhttps://mirrors/b"}
debian:
  debian: {distro: true}
  cloud: {url: "https://cloud", suite: "updates/{openstack_release_codename}", component: main, gpg_key: cloud.asc}
"""
ADDRESS = 'baseurl: "https://own", gpgkey: "file:///key"'


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Repositories]:
    """Repositories as the operator's file changes them; a function of its text."""

    def loaded(text: str) -> Repositories:
        (tmp_path / "usual.yaml").write_text(USUAL, encoding="utf-8")
        (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
        return load_repositories(default=tmp_path / "usual.yaml", override=tmp_path / "own.yaml" if text else None)

    return loaded


def handle(some: Repositories, base: str, names: object, mode: str = "enable", arch: str = "x86_64") -> str:
    family = "rpm" if base == "rocky" else "deb"
    return some.handle(  # names may be what a template gives by mistake
        names,  # type: ignore[arg-type]
        mode,
        package_type=family,
        base=base,
        arch=arch,
        codename="Hibiscus",
        image="nova-base",
    )


def refused(work: Callable[[], object], kind: type[KollageError] = RenderError) -> tuple[str, str]:
    """What is said about a mistake, and the way out."""
    with pytest.raises(kind) as caught:
        work()
    return caught.value.message, caught.value.hint


Load = Callable[[str], Repositories]

# --- packages ---


def test_packages_come_from_the_archive_and_nothing_is_left_of_it() -> None:
    assert debian_package_install(["one", "two"]) == (
        "apt-get --error-on=any update && apt-get -y install --no-install-recommends one two"
        " && apt-get clean && rm -rf /var/lib/apt/lists/*"
    )


def test_the_lists_of_the_archive_stay_on_request() -> None:
    assert debian_package_install(["one"], False).endswith("--no-install-recommends one")


def test_a_package_with_an_address_is_fetched_after_the_others() -> None:
    assert debian_package_install(["https://host/pool/a.deb", "one"], clean_package_cache=False) == (
        "apt-get --error-on=any update && apt-get -y install --no-install-recommends one"
        " && curl --location https://host/pool/a.deb -o a.deb && dpkg -i a.deb && rm -rf a.deb"
    )


def test_no_packages_need_no_command() -> None:
    assert debian_package_install([]) == ""


@pytest.mark.parametrize("packages", ["vim", ["vim", 1]])
def test_packages_are_a_list_of_texts(packages: list[str]) -> None:
    message, hint = refused(lambda: debian_package_install(packages))
    assert message == f"debian_package_install needs a list of texts, not {packages!r}"
    assert hint == "put the names of the packages into square brackets and quotes"


# --- the rpm family ---


def test_a_repository_of_the_distribution_is_switched(load: Load) -> None:
    assert handle(load(""), "rocky", ["crb"]) == "RUN dnf config-manager --enable crb || true"
    assert handle(load(""), "rocky", ["crb", "epel"], "disable") == "RUN dnf config-manager --disable crb || true"


def test_another_one_is_written_in_place_of_its_namesakes(load: Load) -> None:
    assert handle(load(""), "rocky", ["epel"]) == (
        "RUN grep -rlF '[epel]' /etc/yum.repos.d/ 2>/dev/null | xargs -r rm -f"
        " && echo '[epel]' >/etc/yum.repos.d/epel.repo"
        " && echo 'name=epel' >>/etc/yum.repos.d/epel.repo"
        " && echo 'enabled=1' >>/etc/yum.repos.d/epel.repo"
        " && echo 'gpgkey=https://keys/epel' >>/etc/yum.repos.d/epel.repo"
        " && echo 'metalink=https://mirrors/epel' >>/etc/yum.repos.d/epel.repo"
    )


def test_an_architecture_adds_to_what_its_base_says(load: Load) -> None:
    text = handle(load(""), "rocky", ["epel"], arch="aarch64")
    assert "'baseurl=https://mirrors/a' >>" in text
    assert "'baseurl=https://mirrors/b' >>" in text
    assert "metalink" not in text
    assert "'gpgkey=https://keys/epel' >>" in text


def test_further_keys_and_checks_have_lines_of_their_own(load: Load) -> None:
    entry = 'name: n, mirrorlist: m, gpgkey: "one\\ntwo", gpgcheck: 1, repo_gpgcheck: 0'
    text = handle(load(f"rpm: {{mine: {{{entry}}}}}"), "rocky", ["mine"])
    lines = [command.split("'")[1] for command in text.split(" && ") if command.startswith("echo")]
    assert lines == ["[n]", "name=n", "enabled=1", "gpgcheck=1", "gpgkey=one", "       two", "mirrorlist=m"]


def test_an_entry_of_the_operators_replaces_the_whole_entry(load: Load) -> None:
    some = load(f"rpm: {{extras: {{name: own-extras, {ADDRESS}}}}}")
    assert "echo 'name=own-extras' >>/etc/yum.repos.d/extras.repo" in handle(some, "rocky", ["extras"])
    assert handle(some, "rocky", ["extras"], "disable") == ""
    assert handle(some, "rocky", ["crb"]) == handle(load(""), "rocky", ["crb"])


def test_a_group_is_replaced_whole_or_not_at_all(load: Load, tmp_path: Path) -> None:
    appstream = f"appstream: {{name: appstream, {ADDRESS}}}"
    part, whole = f"rocky: {{{appstream}}}", f"rocky: {{{appstream}, baseos: {{name: baseos, {ADDRESS}}}}}"
    assert "[appstream]" in handle(load(whole), "rocky", ["appstream"])
    assert refused(lambda: handle(load(part), "rocky", ["crb"])) == (
        f"{tmp_path}/own.yaml: it replaces appstream but not baseos, and they share a file of the distribution",
        "replace baseos as well: the file goes with the first of them",
    )


TEMPORARY = f"""
rocky:
  appstream: {{name: appstream, build_only: true, {ADDRESS}}}
  baseos: {{name: baseos, build_only: true, {ADDRESS}}}
rpm:
  mine: {{name: mine, build_only: true, {ADDRESS}}}
debian:
  cloud: {{url: u, suite: s, component: c, gpg_key: /k, build_only: true}}
"""


def test_what_the_build_alone_needs_is_put_aside_once_for_each_file(load: Load) -> None:
    text = handle(load(TEMPORARY), "rocky", ["appstream", "baseos", "mine"])
    asides = [part for part in text.split(" && ") if part.startswith(("cp", "touch"))]
    assert asides == [
        "cp /etc/yum.repos.d/rocky.repo /tmp/kolla-repos-backup/rocky.repo 2>/dev/null || true",
        "touch /tmp/kolla-repos-backup/rocky.repo.enabled",
        "cp /etc/yum.repos.d/mine.repo /tmp/kolla-repos-backup/mine.repo 2>/dev/null || true",
        "touch /tmp/kolla-repos-backup/mine.repo.enabled",
    ]
    assert text.startswith("RUN mkdir -p /tmp/kolla-repos-backup && cp ")


def restored(folder: str, file: str, marker: str) -> str:
    return (
        f"[ -f /tmp/kolla-repos-backup/{marker} ] && ( mv /tmp/kolla-repos-backup/{file} {folder}/{file} 2>/dev/null"
        f" || rm -f {folder}/{file} ) || true"
    )


def test_cleaning_up_puts_everything_back_in_the_order_of_the_files(load: Load) -> None:
    text = load(TEMPORARY).cleanup(package_type="rpm", base="rocky", arch="x86_64")
    assert text.removeprefix("RUN ").split(" \\\n    && ") == [
        restored("/etc/yum.repos.d", "mine.repo", "mine.repo.enabled"),
        "rm -f /etc/yum.repos.d/appstream.repo",
        restored("/etc/yum.repos.d", "rocky.repo", "rocky.repo.enabled"),
        "rm -f /etc/yum.repos.d/baseos.repo",
        "rm -rf /tmp/kolla-repos-backup",
    ]


# --- the deb family ---


def test_a_repository_of_the_archive_is_written(load: Load) -> None:
    assert handle(load(""), "debian", ["debian", "cloud"]) == (
        "RUN echo 'Uris: https://cloud' >/etc/apt/sources.list.d/cloud.sources"
        " && echo 'Components: main' >>/etc/apt/sources.list.d/cloud.sources"
        " && echo 'Types: deb' >>/etc/apt/sources.list.d/cloud.sources"
        " && echo 'Suites: updates/hibiscus' >>/etc/apt/sources.list.d/cloud.sources"
        " && echo 'Signed-By: /etc/kolla/apt-keys/cloud.asc' >>/etc/apt/sources.list.d/cloud.sources"
    )


def test_trust_architecture_and_a_key_of_ones_own_are_told(load: Load) -> None:
    own = "debian: {cloud: {url: u, suite: s, component: c, gpg_key: /k, trusted: true, arch: amd64}}"
    text = handle(load(own), "debian", ["cloud"])
    assert [part.split("'")[1] for part in text.split(" && ")][-3:] == [
        "Signed-By: /k",
        "Trusted: yes",
        "Architectures: amd64",
    ]


def test_a_repository_for_the_build_alone_is_gone_after_it(load: Load) -> None:
    assert handle(load(TEMPORARY), "debian", ["cloud"]).startswith(
        "RUN mkdir -p /tmp/kolla-repos-backup && cp /etc/apt/sources.list.d/cloud.sources"
        " /tmp/kolla-repos-backup/cloud.sources 2>/dev/null || true"
        " && touch /tmp/kolla-repos-backup/cloud.enabled && echo 'Uris: u' >"
    )
    assert load(TEMPORARY).cleanup(package_type="deb", base="debian", arch="x86_64") == (
        f"RUN {restored('/etc/apt/sources.list.d', 'cloud.sources', 'cloud.enabled')}"
        " \\\n    && rm -rf /tmp/kolla-repos-backup"
    )


def test_without_any_there_is_nothing_to_clean_up(load: Load) -> None:
    assert load("").cleanup(package_type="deb", base="debian", arch="x86_64") == ""


def test_where_nothing_is_to_be_done_there_is_no_line(load: Load) -> None:
    assert handle(load(""), "debian", ["debian"]) == ""
    assert handle(load(""), "debian", ["cloud"], "disable") == ""
    assert handle(load(""), "debian", []) == ""
    assert handle(load(""), "rocky", ["crb"], "unknown") == ""


def test_separators_are_where_kolla_has_them(load: Load) -> None:
    """Templates go on after the text, so its oddities count."""
    assert handle(load(""), "debian", ["cloud", "debian"]).endswith("cloud.sources && ")
    assert handle(load(""), "rocky", ["crb", "extras"], "disable") == (
        "RUN dnf config-manager --disable crb || truednf config-manager --disable extras || true"
    )


# --- mistakes ---


@pytest.mark.parametrize(
    ("base", "entry", "message", "hint"),
    [
        ("rocky", "{baseurl: u, gpgkey: k}", "has no name", "add name to it"),
        ("rocky", "{distro: true}", "has no name", "add name to it"),
        ("rocky", "{name: n, baseurl: u}", "has no gpgkey", "add gpgkey to it"),
        ("rocky", "{name: n, gpgkey: k}", "has no baseurl, metalink or mirrorlist", "add one of them to it"),
        ("rocky", "{name: n, gpgkey: k, baseurl: [u]}", "has a baseurl that is not a text: ['u']", "put it in quotes"),
        ("debian", "{suite: s, component: c, gpg_key: k}", "has no url", "add url to it"),
        ("debian", "{url: u, component: c, gpg_key: k}", "has no suite", "add suite to it"),
        ("debian", "{url: u, suite: s, gpg_key: k}", "has no component", "add component to it"),
        ("debian", "{url: u, suite: s, component: c}", "has no gpg_key", "add gpg_key to it"),
        ("debian", "{url: u, suite: 13, component: c, gpg_key: k}", "has a suite that is not a text: 13",
         "put it in quotes"),
    ],
)  # fmt: skip
def test_an_entry_that_says_too_little_is_named(
    load: Load, tmp_path: Path, base: str, entry: str, message: str, hint: str
) -> None:
    some = load(f"{base}: {{mine: {entry}}}")
    assert refused(lambda: handle(some, base, ["mine"])) == (
        f"{tmp_path}/own.yaml: the repository 'mine' {message}",
        hint,
    )


def test_an_unknown_name_comes_with_the_nearest_or_all(load: Load) -> None:
    assert refused(lambda: handle(load(""), "rocky", ["epl"])) == (
        "the image nova-base needs a repository 'epl', which is not known for rocky on x86_64",
        "did you mean 'epel'?",
    )
    assert refused(lambda: handle(load(""), "debian", ["epel"])) == (
        "the image nova-base needs a repository 'epel', which is not known for debian on x86_64",
        "known are cloud, debian",
    )


@pytest.mark.parametrize("names", ["epel", ("epel",), [1]])
def test_names_are_a_list_of_texts(load: Load, names: object) -> None:
    message, hint = refused(lambda: handle(load(""), "rocky", names))
    assert message == f"the image nova-base calls handle_repos with {names!r}, which is not a list of names"
    assert hint == "put the names of the repositories into square brackets and quotes"


MAPPING = "write `name: value` lines, indented below it"
ENTRY = f"{MAPPING}; a tree of Kolla's before 2025.2 has names there, and is not read"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("# nothing", ": the file must be a mapping, not None", MAPPING),
        ("- rpm", ": the file must be a mapping, not ['rpm']", MAPPING),
        ("rpm:", ": rpm must be a mapping, not None", MAPPING),
        ("rpm: {epel: https://own}", ": rpm.epel must be a mapping, not 'https://own'", ENTRY),
        ("rpm: {8: {name: n}}", ": rpm has a name that is not a text: 8", "put it in quotes"),
        ("rpm:\n  epel: {name: n\n", ":3: not valid YAML: did not find expected ',' or '}'", "mend that line"),
        ("rpm: !own x", ":1: not valid YAML: could not determine a constructor for the tag '!own'", "mend that line"),
        ("rpm: {epel: {name: 2026-13-01}}", ": not valid YAML: month must be in 1..12", "mend that line"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_named(load: Load, tmp_path: Path, text: str, message: str, hint: str) -> None:
    assert refused(lambda: load(text), UsageError) == (f"{tmp_path}/own.yaml{message}", hint)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    (tmp_path / "usual.yaml").write_text(USUAL, encoding="utf-8")
    expected = (f"{missing}: cannot be read: No such file or directory", "check the path")
    assert refused(lambda: load_repositories(default=missing, override=None), UsageError) == expected
    assert refused(lambda: load_repositories(default=tmp_path / "usual.yaml", override=missing), UsageError) == expected
    assert refused(lambda: load_sources(missing), UsageError) == expected


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes(b"rpm: \xff")
    message, _hint = refused(lambda: load_sources(tmp_path / "own.yaml"), UsageError)
    assert message.startswith(f"{tmp_path}/own.yaml: not valid YAML: ")
    assert "\n" not in message


# --- sources ---


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return tmp_path / "sources.yaml"


def test_sources_are_read_without_what_a_build_does_not_need(sources: Path) -> None:
    sources.write_text(
        "etcd: {type: url, location: l, version: '3.6', sha256: {amd64: a}, lts_branch: '3.6', reference: null}\n"
        "nova-base: {type: git, location: l, reference: r, enabled: false}\n",
        encoding="utf-8",
    )
    assert load_sources(sources) == {
        "etcd": {"type": "url", "location": "l", "version": "3.6", "sha256": {"amd64": "a"}},
        "nova-base": {"type": "git", "location": "l", "reference": "r", "enabled": False},
    }


def test_sources_cannot_be_changed() -> None:
    etcd = load_sources(IMAGES / "kolla" / "sources.yaml")["etcd"]
    with pytest.raises(TypeError):
        etcd["version"] = "4"  # type: ignore[index]
    with pytest.raises(TypeError):
        etcd["sha256"]["amd64"] = "0"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("nova: url", "nova must be a mapping, not 'url'", MAPPING),
        ("nova: {location: l}", "nova has no type", "add type to it"),
        ("nova: {type: url}", "nova has no location", "add location to it"),
        ("nova: {type: gti, location: l}", "nova.type is 'gti', which is not known", "did you mean 'git'?"),
        ("nova: {type: pypi, location: l}", "nova.type is 'pypi', which is not known", "one of git, local, url"),
        ("nova: {type: url, location: l, version: 1.2}", "nova.version must be a text, not 1.2", "put it in quotes"),
        ("nova: {type: url, location: l, enabled: 'no'}", "nova.enabled must be true or false, not 'no'",
         "write true or false, without quotes"),
        ("nova: {type: url, location: l, sha256: abc}", "nova.sha256 must be a mapping of texts, not 'abc'",
         "write a line `amd64: …` for each architecture, indented below it"),
        ("nova: {type: url, location: l, sha256: {a: 1}}", "nova.sha256 must be a mapping of texts, not {'a': 1}",
         "write a line `amd64: …` for each architecture, indented below it"),
    ],
)  # fmt: skip
def test_a_source_that_is_wrong_is_named(sources: Path, text: str, message: str, hint: str) -> None:
    sources.write_text(text, encoding="utf-8")
    assert refused(lambda: load_sources(sources), UsageError) == (f"{sources}: {message}", hint)


def test_the_files_that_come_with_kollage_are_read() -> None:
    some = load_repositories(default=IMAGES / "kolla" / "repos.yaml", override=None)
    assert "https://rpm.grafana.com" in handle(some, "rocky", ["grafana"])
    assert len(load_sources(IMAGES / "kolla" / "sources.yaml")) == 79
