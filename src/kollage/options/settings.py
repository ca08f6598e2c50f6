"""The table of settings: one entry each, from which flags, keys of files and documentation derive.

Adding a setting is one entry here and one field of `kollage.options.Options`; its group decides which verbs
take it as a flag (`kollage.options.verbs`). Nothing in this module reads anything.
"""

from collections.abc import Mapping

from kollage.options.setting import Kind, Setting

TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_TAG_HINT = "a tag has up to 128 of letters, digits, '_', '.' and '-', and begins with none of the last two"
_WORD = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"  # one component of an image's name, as registries accept it
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?"
_URL = r"https?://\S+"
BASES = ("debian", "ubuntu", "rocky", "centos")
BASE_TAGS: Mapping[str, str] = {"debian": "trixie", "ubuntu": "24.04", "rocky": "10", "centos": "stream10"}

# What kolla-build can be told and Kollage cannot yet: known, so that a message can say so.
NOT_YET = frozenset(
    """
    allowed_to_fail apt_preferences apt_sources_list base_package_type buildkit buildkit_builder
    cache clean_package_cache debian_arch distro_package_manager docker_dir enable_unbuildable keep
    list_dependencies list_images network_mode openstack_branch openstack_branch_slashed
    openstack_release_codename platform podman_base_url profile pull push push_threads repos_yaml
    rpm_setup_config save_dependency skip_existing skip_parents squash squash_cleanup squash_tmp_dir
    summary summary_json_file template_only timeout
    """.split()  # noqa: SIM905 - a block of words reads better than a list of 37 lines
)

REGEX, IMAGE, IMAGES, NAMES, BUILD, PLACES, NETWORK, OUTPUT, LISTING = GROUPS = (
    "Which images",
    "Which image",
    "What is built",
    "How images are named",
    "How images are built",
    "Where things are",
    "The network",
    "What is printed",
    "Listing",
)

SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="regex",
        group=REGEX,
        kind=Kind.EXPRESSION,
        many=True,
        positional=True,
        help="Only images whose name matches one of these expressions, with their parents.",
        default_is="every image",
    ),
    Setting(name="image", group=IMAGE, positional=True, in_file=False, help="The name of an image."),
    Setting(
        name="base",
        group=IMAGES,
        short="b",
        choices=BASES,
        default="debian",
        help="The distribution that images stand on.",
    ),
    Setting(
        name="base-tag",
        group=IMAGES,
        shape=TAG,
        hint=_TAG_HINT,
        default_is=", ".join(f"`{tag}` for {base}" for base, tag in BASE_TAGS.items()),
        help="The release of the distribution.",
    ),
    Setting(
        name="base-image",
        group=IMAGES,
        shape=r"\S*",
        hint="a name has no blanks",
        default_is="the image that the distribution publishes",
        help="The image to begin from, without its tag.",
    ),
    Setting(
        name="base-source",
        group=IMAGES,
        choices=("registry", "bootstrap", "auto"),
        default="auto",
        help="Where the base comes from: pulled from a registry, or made from the distribution's packages. "
        "auto pulls, and makes it where no registry answers.",
    ),
    Setting(
        name="base-arch",
        group=IMAGES,
        choices=("x86_64", "aarch64"),
        default_is="the host's",
        help="The architecture of the images.",
    ),
    Setting(
        name="release",
        group=IMAGES,
        also=("openstack-release",),
        shape=TAG,
        hint="such as 2026.2, or master",
        default="2026.2",
        help="The OpenStack release.",
    ),
    Setting(
        name="images-dir",
        group=IMAGES,
        kind=Kind.PATH,
        has_to_be="folder",
        default_is="the catalogue that comes with Kollage",
        help="The catalogue: a folder of images. The frame, accounts, repositories and releases that it does not hold "
        "are those of Kollage's own.",
    ),
    Setting(
        name="registry",
        group=NAMES,
        shape=rf"(?:{_HOST}(?:/{_WORD})*)?",
        hint="write host or host:port, without https:// and without a slash at its end",
        default_is="none",
        help="The registry that images are named for, pulled from and pushed to.",
    ),
    Setting(
        name="namespace",
        group=NAMES,
        short="n",
        shape=rf"{_WORD}(?:/{_WORD})*",
        hint="lower-case letters and digits, with '.', '_', '-' or '/' between them",
        default="kolla",
        help="The namespace on the registry.",
    ),
    Setting(
        name="image-name-prefix",
        group=NAMES,
        shape=r"(?:[a-z0-9]+(?:\.|__?|-+))*[a-z0-9]*",
        hint="lower-case letters and digits, with '.', '_' or '-' behind them",
        default="",
        help="What stands before the name of every image.",
    ),
    Setting(
        name="tag",
        group=NAMES,
        shape=TAG,
        hint=_TAG_HINT,
        default_is="`{release}-{base}-{base_tag}`",
        help="The tag of every image.",
    ),
    Setting(name="maintainer", group=NAMES, flag=False, default="Kollage", help="The label `maintainer`."),
    Setting(
        name="engine",
        group=BUILD,
        choices=("buildah", "podman", "docker", "auto"),
        default="auto",
        help="The program that builds images; auto takes the first that answers.",
    ),
    Setting(
        name="threads",
        group=BUILD,
        short="T",
        kind=Kind.NUMBER,
        minimum=1,
        default="8",
        help="How many steps run at once.",
    ),
    Setting(
        name="retries",
        group=BUILD,
        short="r",
        kind=Kind.NUMBER,
        minimum=0,
        default="3",
        help="How often a step that failed is tried again.",
    ),
    Setting(
        name="force",
        group=BUILD,
        kind=Kind.SWITCH,
        in_file=False,
        default="false",
        help="Build what has not changed, too.",
    ),
    Setting(
        name="use-dumb-init",
        group=BUILD,
        kind=Kind.SWITCH,
        default="true",
        help="Start containers through dumb-init.",
    ),
    Setting(
        name="docker-healthchecks",
        group=BUILD,
        kind=Kind.SWITCH,
        default="true",
        help="Put health check scripts into images.",
    ),
    Setting(name="build-args", group=BUILD, kind=Kind.PAIRS, default_is="none", help="Arguments for every build."),
    Setting(
        name="template-override",
        group=BUILD,
        kind=Kind.PATH,
        has_to_be="file",
        many=True,
        default_is="none",
        help="A file of blocks that replace or extend those of the templates.",
    ),
    Setting(
        name="patches-path",
        group=BUILD,
        kind=Kind.PATH,
        has_to_be="folder",
        default_is="none",
        help="A folder of patches for images: `<image>/series` lists them.",
    ),
    Setting(
        name="locals-base",
        group=PLACES,
        default="./",
        help="The folder of local sources: what `$locals_base` in a location stands for.",
    ),
    Setting(
        name="tarballs-base",
        group=PLACES,
        default="https://tarballs.opendev.org",
        help="The server of OpenStack's archives: what `$tarballs_base` in a location stands for.",
    ),
    Setting(
        name="work-dir",
        group=PLACES,
        kind=Kind.PATH,
        default_is="a temporary one",
        help="The folder that build contexts are written to.",
    ),
    Setting(
        name="logs-dir",
        group=PLACES,
        kind=Kind.PATH,
        default_is="within the working folder",
        help="The folder that the log of every step is written to.",
    ),
    Setting(
        name="cache-dir",
        group=PLACES,
        kind=Kind.PATH,
        default_is="`$XDG_CACHE_HOME/kollage`, else `~/.cache/kollage`",
        help="The folder of what later runs use again.",
    ),
    Setting(
        name="ca-bundle",
        group=NETWORK,
        kind=Kind.PATH,
        has_to_be="file",
        default_is="the first file among `$SSL_CERT_FILE`, `$PIP_CERT` and `$REQUESTS_CA_BUNDLE`",
        help="Certificates to trust while building.",
    ),
    Setting(
        name="pip_index_url",
        group=NETWORK,
        flag=False,
        field="-",
        shape=_URL,
        hint="write http:// or https://: a build reaches no files of this machine",
        default_is="the environment's or the configuration's of uv and pip",
        help="The package index.",
    ),
    Setting(
        name="pip_extra_index_url",
        group=NETWORK,
        flag=False,
        field="-",
        shape=rf"{_URL}(?:\s+{_URL})*",
        hint="write http:// or https://: a build reaches no files of this machine",
        default_is="the environment's or the configuration's of uv and pip",
        help="Further package indexes.",
    ),
    Setting(
        name="pip_trusted_host",
        group=NETWORK,
        flag=False,
        field="-",
        default_is="the environment's or the configuration's of pip",
        help="A host whose certificate is not checked.",
    ),
    Setting(
        name="format",
        group=OUTPUT,
        short="f",
        choices=("text", "json"),
        default="text",
        help="How results are printed.",
    ),
    Setting(name="debug", group=OUTPUT, short="d", kind=Kind.SWITCH, default="false", help="Print every command."),
    Setting(name="quiet", group=OUTPUT, short="q", kind=Kind.SWITCH, default="false", help="Print results only."),
    Setting(
        name="tree",
        group=LISTING,
        kind=Kind.SWITCH,
        in_file=False,
        default="false",
        help="Show every image below its parent.",
    ),
    Setting(
        name="json",
        group=LISTING,
        kind=Kind.SWITCH,
        in_file=False,
        field="-",
        help="The same as `--format json`.",
    ),
)

SOURCE_SETTINGS: tuple[Setting, ...] = (
    Setting(name="type", choices=("url", "git", "local", "pypi"), help="How the source is had."),
    Setting(name="location", help="A URL, a repository or a path; `${version}` stands for the version."),
    Setting(name="reference", help="git: a branch, a tag or a commit."),
    Setting(name="version", help="The version to take."),
    Setting(name="enabled", kind=Kind.SWITCH, default="true", help="Whether it goes into the image."),
    Setting(name="sha256", kind=Kind.DIGESTS, help="What the archive has to be."),
)

USER_SETTINGS: tuple[Setting, ...] = (
    Setting(name="uid", kind=Kind.NUMBER, minimum=0, help="The number of the user."),
    Setting(name="gid", kind=Kind.NUMBER, minimum=0, help="The number of the group."),
    Setting(
        name="group",
        shape=r"[a-z_][a-z0-9_-]*",
        hint="lower-case letters first",
        help="The name of the group.",
    ),
)
