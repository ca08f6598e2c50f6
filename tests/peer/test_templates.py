"""The peer's own tree of templates gives the same build contexts here as there, to the byte."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.peer.conftest import Pair

OVERRIDE = """\
{% extends parent_template %}

{% set keystone_packages_append = ['strace', 'tcpdump'] %}
{% set nova_api_packages_remove = ['apache2'] %}
{% set glance_api_packages_override = ['only-this'] %}
{% set openstack_base_pip_packages_append = ['python-example==1.0'] %}
{% set mariadb_server_packages_append = ['pv'] %}

{% block keystone_header %}
RUN echo {{ image_name }} of {{ base_distro }} {{ undefined_here }}
{% endblock %}
{% block base_header %}
RUN {{ macros.install_packages(['less'], chain=True) }}
{% endblock %}
{% block footer %}
LABEL checked="{{ openstack_release }}-{{ env.HOME }}"
{% endblock %}
"""
SECOND = """\
{% extends parent_template %}
{% block nova_base_footer %}
{{ super() }}
RUN echo second
{% endblock %}
{% set base_centos_packages_append = ['vim'] %}
"""
REPOS = """\
deb:
  grafana:
    url: "https://mirror.example/grafana"
    suite: "stable"
    component: "main"
    gpg_key: "grafana.asc"
rpm:
  grafana:
    baseurl: "https://mirror.example/grafana"
    gpgkey: "https://mirror.example/key"
    gpgcheck: 1
    name: "grafana"
    build_only: true
"""
CONFIGURATION = """\
[DEFAULT]
maintainer = Somebody <somebody@example.org>
pip_index_url = https://index.example/simple
rpm_setup_config = https://example.org/a.rpm,https://example.org/b.repo
clean_package_cache = false

[nova-user]
uid = 52436
gid = 52437
group = compute

[tester-user]
uid = 60001
gid = 60001
"""
EXTRA = """\
FROM {{ namespace }}/{{ image_prefix }}base:{{ tag }}
{% block labels %}
LABEL maintainer="{{ maintainer }}" name="{{ image_name }}"
{% endblock %}
{% block extra_header %}{% endblock %}
{% import "macros.j2" as macros with context %}
{{ macros.install_packages(['jq'] | customizable('packages')) }}
COPY hello /hello
{% block footer %}{% endblock %}
"""


def override(folder: Path) -> list[str]:
    (folder / "override.j2").write_text(OVERRIDE)
    return [f"--template-override={folder / 'override.j2'}"]


def two_overrides(folder: Path) -> list[str]:
    (folder / "second.j2").write_text(SECOND)
    return [*override(folder), f"--template-override={folder / 'second.j2'}"]


def repositories(folder: Path) -> list[str]:
    (folder / "repos.yaml").write_text(REPOS)
    return [f"--repos-yaml={folder / 'repos.yaml'}"]


def patches(folder: Path) -> list[str]:
    for image, series in {"keystone": "# a comment\nfix.patch\n", "nova-base": "one.patch\ntwo.patch\n"}.items():
        (folder / "patches" / image).mkdir(parents=True)
        (folder / "patches" / image / "series").write_text(series)
        for name in ("fix.patch", "one.patch", "two.patch"):
            (folder / "patches" / image / name).write_text(f"--- {image} {name}\n")
    return [f"--patches-path={folder / 'patches'}"]


def names(_folder: Path) -> list[str]:
    return [
        "--namespace=cloud/images",
        "--registry=registry.example:5000",
        "--image-name-prefix=my-",
        "--tag=7",
        "--openstack-release=master",
        "--openstack-release-codename=Xenon",
    ]


def base_image(_folder: Path) -> list[str]:
    return ["--base-image=registry.example/os", "--base-tag=13", "--nouse-dumb-init", "--nodocker-healthchecks"]


def configuration(folder: Path) -> list[str]:
    (folder / "kolla-build.conf").write_text(CONFIGURATION)
    return [f"--config-file={folder / 'kolla-build.conf'}"]


def more_images(folder: Path) -> list[str]:
    for path, text in {
        "extra/Dockerfile.j2": EXTRA,
        "extra/hello": "hello\n",
        "etcd/extend_start.sh": "#!/bin/sh\n# replaced\n",
    }.items():
        (folder / "more" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "more" / path).write_text(text)
    return [f"--docker-dir={folder / 'more'}"]


def some_images(_folder: Path) -> list[str]:
    return ["--enable-unbuildable", "^nova-", "collectd"]


Flags = Callable[[Path], Sequence[str]]
CASES: dict[str, tuple[str, str, Flags]] = {
    **{
        f"{base}-{arch}": (base, arch, lambda _: [])
        for base in ("debian", "ubuntu", "rocky")
        for arch in ("x86_64", "aarch64")
    },
    "one override": ("debian", "x86_64", override),
    "two overrides": ("rocky", "x86_64", two_overrides),
    "repositories of deb": ("ubuntu", "x86_64", repositories),
    "repositories of rpm": ("rocky", "aarch64", repositories),
    "patches": ("debian", "x86_64", patches),
    "names": ("ubuntu", "aarch64", names),
    "base image, no dumb-init, no health checks": ("debian", "x86_64", base_image),
    "configuration": ("rocky", "x86_64", configuration),
    "more images": ("debian", "x86_64", more_images),
    "some images": ("rocky", "x86_64", some_images),
}


@pytest.mark.parametrize("case", CASES)
def test_the_build_contexts_are_the_same(case: str, pair: Pair, tmp_path: Path) -> None:
    base, arch, more = CASES[case]
    flags = [f"--base={base}", f"--base-arch={arch}", "--template-only", *more(tmp_path)]
    with ThreadPoolExecutor(2) as both:
        theirs = both.submit(pair.kolla, f"--work-dir={tmp_path / 'theirs'}", *flags)
        ours = both.submit(pair.kollage, f"--work-dir={tmp_path / 'ours'}", *flags)
        theirs.result(), ours.result()
    there, here = contexts(tmp_path / "theirs" / "docker"), contexts(tmp_path / "ours" / "docker")
    assert len([path for path in there if path.endswith("/Dockerfile")]) >= 15
    assert sorted(here) == sorted(there)
    assert {path for path in there if here[path] != there[path]} == set()


def contexts(folder: Path) -> dict[str, tuple[str, bool, bytes]]:
    """Everything below a folder: whether it is a file or a folder, whether it is executable, and its content."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if "__pycache__" in name or name == ".kollage":
            continue
        content = path.read_bytes() if path.is_file() else b""
        found[name] = (
            ("file", bool(path.stat().st_mode & 0o100), versionless(content))
            if path.is_file()
            else ("folder", True, b"")
        )
    return found


def versionless(content: bytes) -> bytes:
    return re.sub(rb'(LABEL kolla_version=)"[^"]*"', rb'\1""', content)
