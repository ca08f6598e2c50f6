"""What the user wants, as one frozen value; oslo.config reads files and flags here and nowhere else."""

import contextlib
import io
import logging
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kollage import __version__
from kollage.errors import UsageError
from kollage.options import configfile
from kollage.options.commandline import before_arguments, flag_error, settled, unknown_flag
from kollage.options.configfile import Entry
from kollage.options.helptext import help_text
from kollage.options.network import network
from kollage.options.setting import BadValue, Kind, Setting, absolute, is_there, nearest
from kollage.options.settings import PROFILES, SETTINGS, SOURCE_SETTINGS, USER_SETTINGS
from kollage.options.suites import base_tag, release_of
from kollage.options.value import Options, SourceOptions, UserOptions
from kollage.options.verbs import Verb, verb_named

if TYPE_CHECKING:
    from oslo_config.cfg import ConfigOpts, Opt

__all__ = ["Done", "Options", "SourceOptions", "UserOptions", "load_options"]

_DEBIAN_ARCHS = {"x86_64": "amd64", "aarch64": "arm64"}
_ARCHS = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}  # by platform, as engines call it
_COMPLETION = "--shell_completion"
_KNOWN = {setting.key: setting for setting in SETTINGS}


class Done(Exception):  # noqa: N818 - all that was asked for is this text
    """Help or a version was asked for: print `text` and end with success."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def load_options(verb: str, argv: Sequence[str], environ: Mapping[str, str], *, etc: Path = Path("/etc")) -> Options:
    """Read flags over configuration files over defaults, checked, into one value.

    Raises `UsageError` for what cannot be, and `Done` where `--help` or `--version` was asked for. Reads
    nothing of the machine but what the arguments lead to.
    """
    chosen = verb_named(verb)
    words = settled(chosen, argv)
    _answer(chosen, before_arguments(words))
    files, flags = configfile.chosen_files(words, environ, etc)
    entries = [entry for path in files for entry in configfile.read_entries(path)]
    configfile.check(entries)
    with _told(flags, configfile.in_section(configfile.DEFAULT, entries)), _silence():
        conf = _parse(chosen, flags, files)
        _find_out_defaults(conf, environ)
        settings = tuple(map(chosen.defaulted, SETTINGS))
        said = {setting: _value(conf, setting, environ) for setting in settings if _is_given(conf, setting)}
    values = {setting.field or setting.key: value for setting, value in said.items() if setting.field != "-"}
    others = {setting.key: value for setting, value in said.items() if setting.field == "-" and value}
    values["verb"] = verb
    values["environ"] = MappingProxyType(dict(environ))
    values["ca_bundle"] = values.get("ca_bundle") or _trusted(environ)
    values["network"] = MappingProxyType(network(environ, etc=etc, said=others))
    values["pip_arguments"] = MappingProxyType({key.upper(): others[key] for key in others if key.startswith("pip_")})
    if "json" in others:
        values["format"] = "json"
    options = Options(**values, **_sections(conf, entries))
    _check_platform(options)
    return options


def _check_platform(options: Options) -> None:
    unknown = [name for name in options.platform.split(",") if name and name not in _ARCHS]
    if unknown:
        raise UsageError(f"images are not made for {unknown[0]}", hint=f"one of {', '.join(_ARCHS)}")
    arch = _ARCHS.get(options.platform, options.base_arch)
    if arch != options.base_arch:
        raise UsageError(
            f"the platform {options.platform} is not {options.base_arch}",
            hint=f"leave --base-arch out, or say --base-arch {arch}",
        )


def _answer(verb: Verb, words: Sequence[str]) -> None:
    """Answer who asks for help or the version, whatever else the line and the files say. Raises `Done`."""
    if "-h" in words or "--help" in words:
        raise Done(help_text(verb))
    if "--version" in words:
        raise Done(f"{verb.program.split()[0]} {__version__}\n")


def _declare(verb: Verb) -> "ConfigOpts":
    """Make a ConfigOpts that takes the flags of a verb, and every key in files."""
    from kollage.options.oslo import cfg

    conf = cfg.ConfigOpts()
    flags = {setting.name for setting in verb.flags}
    for setting in SETTINGS:
        flag = setting.name in flags
        conf.register_opt(_opt(verb.defaulted(setting), positional=flag and setting.positional), cli=flag)
    # oslo.config's own flag: it completes one flat command, and there are verbs here
    conf.unregister_opt(cfg.StrOpt(_COMPLETION.strip("-")))
    return conf


def _opt(setting: Setting, *, positional: bool = False) -> "Opt":
    """Make an option that gives its text as it is said; what it stands for, the setting knows."""
    from kollage.options.oslo import cfg

    named: dict[str, Any] = {"default": setting.default}
    if setting.short:
        named["short"] = setting.short
    text: Any = str  # oslo.config asks for no more of a type than to be callable
    if setting.kind is Kind.SWITCH:
        opt: Opt = cfg.BoolOpt(setting.name, **named)
        opt.type = text
    elif setting.many:
        opt = cfg.MultiOpt(setting.name, text, required=False, positional=positional, **named)
    else:
        opt = cfg.Opt(setting.name, text, positional=positional, metavar=setting.said.lstrip("-"), **named)
    opt.deprecated_opts = [cfg.DeprecatedOpt(key) for key in setting.keys if key != setting.key]
    return opt


def _parse(verb: Verb, flags: Sequence[str], files: Sequence[Path]) -> "ConfigOpts":
    conf = _declare(verb)
    if any(word.partition("=")[0] == _COMPLETION for word in flags):
        raise unknown_flag(verb, _COMPLETION)
    errors = io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
            conf(
                args=list(flags),
                prog=verb.program,
                usage=verb.usage,
                default_config_files=[str(path) for path in files],
                default_config_dirs=[],
                use_env=False,
            )
    except SystemExit as end:  # argparse's way to say that help was asked for, as by -qh, or that a flag is wrong
        if not end.code:
            raise Done(help_text(verb)) from None
        raise flag_error(verb, errors.getvalue()) from None
    return conf


def _find_out_defaults(conf: "ConfigOpts", environ: Mapping[str, str]) -> None:
    """Set the defaults that follow from other values, which other values may refer to in turn."""
    machine = platform.machine()
    host = {"arm64": "aarch64"}.get(machine, machine)
    conf.set_default("base_arch", _ARCHS.get(conf.platform or "", host))
    if conf.base_arch != host and conf.base_arch in _DEBIAN_ARCHS:
        conf.set_default("platform", f"linux/{_DEBIAN_ARCHS[conf.base_arch]}")
    images = absolute(conf.images_dir, environ) if conf.images_dir else None
    if release := release_of(images):
        conf.set_default("release", release)
    conf.set_default("base_tag", base_tag(str(_KNOWN["base"].read(conf.base)), conf.release, images))
    conf.set_default("tag", f"{conf.release}-{conf.base}-{conf.base_tag}")
    conf.set_default("openstack_branch", _branch(conf.release))
    conf.set_default("openstack_branch_slashed", conf.openstack_branch.replace("-", "/"))
    conf.set_default("debian_arch", _DEBIAN_ARCHS.get(conf.base_arch, conf.base_arch))
    if not conf.cache_dir:
        conf.set_override("cache_dir", str(_cache(environ)))


def _branch(release: str) -> str:
    return release if release == "master" else f"stable-{release}"


def _cache(environ: Mapping[str, str]) -> Path:
    if environ.get("XDG_CACHE_HOME"):
        return Path(environ["XDG_CACHE_HOME"]) / "kollage"
    return absolute("~/.cache/kollage", environ)


def _is_given(conf: "ConfigOpts", setting: Setting) -> bool:
    value = conf[setting.key]
    return value is not None and not (setting.kind is Kind.PATH and str(value).strip() == "")


def _value(conf: "ConfigOpts", setting: Setting, environ: Mapping[str, str]) -> Any:
    said = conf[setting.key]
    if not setting.many:
        return _read(setting, said, environ)
    # an empty name or path is none; an empty expression is one that matches everything
    return tuple(_read(setting, each, environ) for each in said if each or setting.kind is Kind.EXPRESSION)


def _read(setting: Setting, text: str, environ: Mapping[str, str]) -> Any:
    value = setting.read(text)
    return _existing(absolute(str(value), environ), setting) if setting.kind is Kind.PATH else _frozen(value)


def _existing(path: Path, setting: Setting) -> Path:
    if setting.has_to_be and not is_there(path, setting.has_to_be):
        raise BadValue(setting, f"there is no {setting.has_to_be} '{path}'", "see whether the path is right")
    return path


def _trusted(environ: Mapping[str, str]) -> Path | None:
    named = [environ.get(name) for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")]
    paths = [Path(name).absolute() for name in named if name]
    return next((path for path in paths if is_there(path, "file")), None)


def _sections(conf: "ConfigOpts", entries: Sequence[Entry]) -> dict[str, Any]:
    """Read sources, users and profiles: the sections that files may have besides [DEFAULT]."""
    sources = {
        name: SourceOptions(**{"type": ""} | _section(conf, name, _SOURCE, entries))
        for name in configfile.sources_in(entries)
    }
    users = {
        name.removesuffix("-user"): UserOptions(**_section(conf, name, USER_SETTINGS, entries))
        for name in configfile.users_in(entries)
    }
    return {
        "sources": MappingProxyType(sources),
        "users": MappingProxyType(users),
        "profiles": MappingProxyType({**PROFILES, **configfile.profiles_in(entries)}),
    }


def _section(conf: "ConfigOpts", name: str, settings: Sequence[Setting], entries: Sequence[Entry]) -> dict[str, Any]:
    """Read what a section sets; what it does not set is not there."""
    group = name.lower()  # so oslo.config compares them
    with _told([], configfile.in_section(name, entries)), _silence():
        conf.register_opts([_opt(setting) for setting in settings], group=group)
        said = {setting: conf[group][setting.key] for setting in settings}
        values = {setting.name: setting.read(text) for setting, text in said.items() if text is not None}
    return {key: _frozen(value) for key, value in values.items() if value != _OWN_VERSION}


def _frozen(value: object) -> object:
    return MappingProxyType(value) if isinstance(value, dict) else value


_OWN_VERSION = "${version}"
# A location that speaks of a version which the file does not say keeps the word, for the catalogue's version.
_SOURCE = tuple(
    replace(setting, default="$" + _OWN_VERSION) if setting.name == "version" else setting
    for setting in SOURCE_SETTINGS
)


@contextlib.contextmanager
def _told(flags: Sequence[str], entries: Sequence[Entry]) -> Iterator[None]:
    """Turn what oslo.config and settings complain about into a sentence that names who said it."""
    from kollage.options.oslo import cfg

    try:
        yield
    except BadValue as error:
        raise UsageError(f"{_place(error.setting, flags, entries)}: {error.reason}", hint=error.hint) from error
    except (cfg.NoSuchOptError, cfg.NoSuchGroupError) as error:
        name = error.opt_name if isinstance(error, cfg.NoSuchOptError) else error.group_name
        raise UsageError(
            f"{_mention(name, flags, entries)}there is no setting '{name}' to put in",
            hint=nearest(name, _KNOWN) or "write $$ for a dollar sign",
        ) from error
    except cfg.RequiredOptError as error:
        raise UsageError(f"{_KNOWN[error.opt_name].said} is missing") from error
    except RecursionError:
        raise UsageError("a setting's value refers to itself", hint="look for $name in your settings") from None
    except cfg.Error as error:
        raise UsageError(str(error)) from error


def _place(setting: Setting, flags: Sequence[str], entries: Sequence[Entry]) -> str:
    """Who said it: a flag, else the last line of a file."""
    short = f"-{setting.short}" if setting.short else None
    by_flag = any(word.partition("=")[0] in setting.flags or (short and word.startswith(short)) for word in flags)
    lines = [entry for entry in entries if entry.key in setting.keys]
    return setting.said if by_flag or not lines else lines[-1].title


def _mention(name: str, flags: Sequence[str], entries: Sequence[Entry]) -> str:
    """Who speaks of `$name`."""
    spellings = (f"${name}", f"${{{name}")
    lines = [entry.title for entry in entries if any(each in entry.value for each in spellings)]
    words = [f"'{word}'" for word in flags if any(each in word for each in spellings)]
    return f"{[*words, *lines][-1]}: " if words or lines else ""


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    # oslo.config calls a second name of a setting deprecated, and logs that; here both names are good
    log = logging.getLogger("oslo_config.cfg")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
