"""What the user wants, as frozen values: what the rest of the program sees of flags, files and the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """A section of the configuration file that names where a source comes from, as Kolla writes it."""

    type: str  # url, git, local or pypi; "", as in each text here: what the catalogue says holds
    location: str = ""  # `${version}` in it stands for the catalogue's version
    reference: str = ""
    version: str = ""
    enabled: bool = True
    sha256: Mapping[str, str] = field(default_factory=_nothing)  # by architecture; "" holds for every one


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOptions:
    """A section `[<name>-user]`: what replaces the catalogue's; None and "" leave that as it is."""

    uid: int | None = None
    gid: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that a run depends on; nothing behind it looks at flags, files or the environment."""

    verb: str = "build"  # what was typed for it: `kolla-build`, or what stands behind `kollage`
    # what to build
    regex: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    skip_parents: bool = False
    skip_existing: bool = False
    enable_unbuildable: bool = False
    allowed_to_fail: tuple[str, ...] = ()
    image: str = ""  # of the verbs that are about one image
    run_words: tuple[str, ...] = ()  # of `kollage runs`
    base: str = "debian"
    base_tag: str = "trixie"
    base_image: str = ""  # "" means: the base's own name on its registry
    base_source: str = "auto"  # registry, bootstrap or auto
    snapshot: str = ""  # the address of the package archive's states: {archive} and {date} stand for what they say
    base_arch: str = "x86_64"
    debian_arch: str = "amd64"
    release: str = "2026.2"
    openstack_release_codename: str = ""  # "" means: the release's own
    openstack_branch: str = "stable-2026.2"
    openstack_branch_slashed: str = "stable/2026.2"
    images_dir: Path | None = None  # None: the catalogue that comes with Kollage
    docker_dir: tuple[Path, ...] = ()  # laid over the catalogue, the last on top
    repos_yaml: Path | None = None
    rpm_setup_config: tuple[str, ...] = ()
    apt_sources_list: Path | None = None
    apt_preferences: Path | None = None
    distro_package_manager: str = ""  # "" means: the distribution's
    base_package_type: str = ""
    clean_package_cache: bool = True
    # how images are named: {registry}/{namespace}/{image_name_prefix}{image}:{tag}
    registry: str = ""
    namespace: str = "kolla"
    image_name_prefix: str = ""
    tag: str = "2026.2-debian-trixie"
    maintainer: str = "Kollage"
    # how to build
    engine: str = "auto"
    threads: int = 8
    retries: int = 3
    timeout: int = 120  # seconds
    cache: bool = True
    pull: bool = True
    keep: bool = False
    squash: bool = False
    squash_cleanup: bool = True
    squash_tmp_dir: Path | None = None
    network_mode: str = "host"
    platform: str = ""  # "" means: the host's; several with commas between them
    buildkit: bool = True
    buildkit_builder: str = ""
    podman_base_url: str = ""
    verify: bool = False
    verify_threads: int = 2
    fetch_threads: int = 4
    push: bool = False
    push_threads: int = 4
    registry_cache: bool = True  # whether images are found in the registry, and pushed to it, by fingerprint
    use_dumb_init: bool = True
    docker_healthchecks: bool = True
    build_args: Mapping[str, str] = field(default_factory=_nothing)
    template_override: tuple[Path, ...] = ()
    patches_path: Path | None = None
    # where things are
    locals_base: str = "./"
    tarballs_base: str = "https://tarballs.opendev.org"
    work_dir: Path | None = None
    logs_dir: Path | None = None
    cache_dir: Path = Path("~/.cache/kollage")
    ca_bundle: Path | None = None
    # the network as the host has it: proxies and package indexes, used while building and left nowhere
    network: Mapping[str, str] = field(default_factory=_nothing)
    # what to print
    debug: bool = False
    quiet: bool = False
    format: str = "text"
    summary: bool = True
    summary_json_file: Path | None = None
    # what to do instead of building
    list_images: bool = False
    list_dependencies: bool = False
    save_dependency: Path | None = None
    template_only: bool = False
    # sections of the configuration file
    sources: Mapping[str, SourceOptions] = field(default_factory=_nothing)
    # accounts by name: the section [nova-user] is `nova` here
    users: Mapping[str, UserOptions] = field(default_factory=_nothing)
    profiles: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    # flags of single verbs
    tree: bool = False
    force: bool = False
    no_reuse: bool = False
    refresh: bool = False  # whether today is the new epoch
    updates: bool = False  # whether images whose packages have updates are built anew
    details: bool = False
    compare: str = ""
    image_reference: str = ""
    as_image: str = ""
    junit_file: Path | None = None
    dry_run: bool = False
    dangling: bool = False
    of_version: str = ""
    unused_for: int = 0  # days; 0: no source is removed
    of_tag: str = ""
    all: bool = False
    action: str = ""
    port: int = 4000
    listen: str = "127.0.0.1"
    data_dir: Path | None = None
    # builds on many hosts
    scheduler: str = ""  # its address; "" means: this machine builds
    certs_dir: Path | None = None  # None: among this user's configuration
    worker_name: str = ""  # "" means: the host's
    days: int = 365  # that new certificates hold
    output_file: Path | None = None
    # a cloud: None means as it has it
    cloud_dir: Path | None = None  # None: the user's own
    cloud_with: tuple[str, ...] | None = None
    cloud_address: str | None = None
    cloud_tls: bool | None = None
    cloud_network: str | None = None
    cloud_ports: Mapping[str, str] | None = None
    cloud_wait: int = 4
    node_custom_config: Path | None = None
    hypervisor: str | None = None
    datapath: str | None = None
    rotate_secrets: bool = False
    purge: bool = False
    lines: int = 100
    clouds_file: Path | None = None  # None: of the cloud's folder
    os_cloud: str = ""  # "": kolla-ansible's administrator
    patience: int = 300  # seconds
    leave: bool = False
    tempest: bool = False
    service: str = ""
    # package indexes as the configuration file itself names them, by the variable of pip
    pip_arguments: Mapping[str, str] = field(default_factory=_nothing)
    # the environment, for templates that ask for it; it may hold secrets, so it is shown nowhere
    environ: Mapping[str, str] = field(default_factory=_nothing, repr=False)
