"""A configuration file to begin with: every setting with what it means and its default, all commented out.

`sample` is what `kollage genconfig` writes. `list_opts` gives the same to `oslo-config-generator --namespace kollage`,
for those who make all their files with it.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kollage.options.manual import about
from kollage.options.setting import Kind, Setting
from kollage.options.settings import GROUPS, PROFILES, SETTINGS, SOURCE_SETTINGS, USER_SETTINGS
from kollage.options.verbs import KOLLA_BUILD

if TYPE_CHECKING:
    from oslo_config.cfg import Opt

_WIDTH = 100
_HEAD = """\
Each setting of kollage and kolla-build stands here with its default. Take the # away before a line to change it. \
Where the default depends on something else, the words above the line say on what, and the line shows what it may look \
like. $name and ${name} in a value stand for the value of another setting; a dollar sign is written $$."""
# What a line shows where the default depends on something else and the value may not be empty.
_MAY_BE: Mapping[str, str] = {
    "regex": "^keystone",
    "profile": "default",
    "base-tag": "trixie",
    "base-arch": "x86_64",
    "debian-arch": "amd64",
    "openstack-branch": "stable-2026.2",
    "openstack-branch-slashed": "stable/2026.2",
    "base-package-type": "deb",
    "tag": "2026.2-debian-trixie",
    "pip_index_url": "https://pypi.org/simple",
    "pip_extra_index_url": "https://example.org/simple",
}
_IN_PROFILES = "Sets of images for --profile: each key is one, its value a list of regular expressions."
# Sections that the user names: what each is for, and an example of its keys.
_EXAMPLES: Sequence[tuple[str, str, Sequence[Setting], Mapping[str, str]]] = (
    (
        "keystone-base",
        "A section called after an image says where its source comes from. What it does not say stays as it is.",
        SOURCE_SETTINGS,
        {
            "type": "git",
            "location": "https://opendev.org/openstack/keystone",
            "reference": "stable/2026.2",
            "enabled": "true",
        },
    ),
    (
        "etcd",
        "Of an archive, the checksum may be said for each architecture.",
        SOURCE_SETTINGS,
        {
            "type": "url",
            "location": "https://example.org/etcd-v${version}-linux-${debian_arch}.tar.gz",
            "version": "3.6.15",
            "sha256": f"amd64:{'0' * 64},arm64:{'1' * 64}",
        },
    ),
    (
        "horizon-plugin-example",
        "[<image>-plugin-<name>] adds a plugin to an image.",
        SOURCE_SETTINGS,
        {"type": "url", "location": "$tarballs_base/openstack/example/example-${openstack_branch}.tar.gz"},
    ),
    (
        "neutron-server-additions-example",
        "[<image>-additions-<name>] adds files to an image.",
        SOURCE_SETTINGS,
        {"type": "local", "location": "$locals_base/example"},
    ),
    (
        "nova-user",
        "[<name>-user] gives an account its numbers.",
        USER_SETTINGS,
        {"uid": "42436", "gid": "42436", "group": "nova"},
    ),
)


def sample() -> str:
    """Write the file: it may be loaded as it is, and with every setting's # taken away."""
    parts = [_comment(_HEAD), "[DEFAULT]"]
    for group in GROUPS:
        settings = [setting for setting in SETTINGS if setting.group == group and setting.in_file]
        parts += [f"# ---- {group} ----", *map(_setting, settings)] if settings else []
    profiles = (f"#{name} = {','.join(expressions)}" for name, expressions in PROFILES.items())
    parts += ["[profiles]\n" + _comment(_IN_PROFILES), *profiles]
    parts += [_example(*example) for example in _EXAMPLES]
    return "\n\n".join(parts) + "\n"


def list_opts() -> "list[tuple[str, list[Opt]]]":
    """Give every setting by its section, as oslo.config's generator asks for it."""
    from kollage.options.oslo import cfg

    profiles: list[Opt] = [
        cfg.ListOpt(name, default=list(expressions), help=f"The profile {name}.")
        for name, expressions in PROFILES.items()
    ]
    return [
        ("DEFAULT", [_opt(setting, _shown(setting)) for setting in SETTINGS if setting.in_file]),
        ("profiles", profiles),
        *((name, _example_opts(settings, values)) for name, _, settings, values in _EXAMPLES),
    ]


def _setting(setting: Setting) -> str:
    return f"{_comment(_about(setting))}\n#{setting.key} ={_behind(_shown(setting))}"


def _example(name: str, about: str, settings: Iterable[Setting], values: Mapping[str, str]) -> str:
    used = [setting for setting in settings if setting.name in values]
    lines = [f"{_comment(_about(setting))}\n#{setting.key} ={_behind(values[setting.name])}" for setting in used]
    return "\n".join([f"[{name}]", _comment(about), *lines])


def _behind(value: str) -> str:
    return f" {value}" if value else ""


def _shown(setting: Setting) -> str:
    return _MAY_BE.get(setting.name, "") if setting.default is None else setting.default


def _about(setting: Setting) -> str:
    default = f" Default: {setting.default_is}." if setting.default_is else ""
    own = KOLLA_BUILD.defaults.get(setting.name)
    return about(setting) + default + (f" With kolla-build: {own}." if own else "")


def _comment(text: str) -> str:
    lines = textwrap.wrap(text.replace("`", ""), _WIDTH, break_on_hyphens=False, break_long_words=False)
    return "\n".join(f"# {line}" for line in lines)


def _example_opts(settings: Iterable[Setting], values: Mapping[str, str]) -> "list[Opt]":
    return [_opt(setting, values[setting.name]) for setting in settings if setting.name in values]


def _opt(setting: Setting, shown: str) -> "Opt":
    """Make an option with a type that the generator has words for; those that read values have none."""
    from kollage.options.oslo import cfg

    default = f" Default: {setting.default_is}." if setting.default_is else ""
    named: dict[str, Any] = {"help": (setting.help + default).replace("`", "")}
    if shown == setting.default:
        named["default"] = setting.read(shown)
    elif shown or not setting.many:  # nothing is what the generator shows of many anyway
        named["sample_default"] = [shown] if setting.many else shown
    if setting.many:
        return cfg.MultiStrOpt(setting.name, **named)
    if setting.kind is Kind.NUMBER:
        return cfg.IntOpt(setting.name, min=setting.minimum, **named)
    if setting.kind is Kind.TEXT:
        return cfg.StrOpt(setting.name, choices=setting.choices or None, **named)
    kinds: dict[Kind, type[Opt]] = {Kind.SWITCH: cfg.BoolOpt, Kind.LIST: cfg.ListOpt, Kind.PAIRS: cfg.DictOpt}
    return kinds.get(setting.kind, cfg.StrOpt)(setting.name, **named)
