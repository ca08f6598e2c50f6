"""What `--help` prints: the flags of a verb, one group below the other."""

import textwrap

from kollage.options.setting import Kind, Setting
from kollage.options.verbs import Verb

_WIDTH, _INDENT = 100, 32
_ALWAYS = (
    ("-h, --help", "Print this and end."),
    ("--version", "Print the version and end."),
    ("--config-file PATH", "A configuration file. May be given several times."),
    ("--config-dir PATH", "A folder of configuration files that end in .conf. May be given several times."),
)


def help_text(verb: Verb) -> str:
    """Write the help of a verb."""
    parts = [f"usage: {verb.usage}", f"{verb.summary[0].upper()}{verb.summary[1:]}."]
    for group in verb.groups:  # what is its own comes first
        rows = [_row(setting) for setting in verb.flags if setting.group == group]
        parts += [_part(group, rows)] if rows else []
    return "\n\n".join([*parts, _part("Always", list(_ALWAYS))]) + "\n"


def _about(setting: Setting) -> str:
    """Say in words what a setting is, with its choices and its default."""
    choices = f" One of {', '.join(setting.choices)}." if setting.choices else ""
    many = " May be given several times." if setting.many and not setting.positional else ""
    default = setting.default_is.replace("`", "") or setting.default
    return f"{setting.help}{choices}{many}" + (f" Default: {default}." if default else "")


def _row(setting: Setting) -> tuple[str, str]:
    if setting.positional:
        return setting.said, _about(setting)
    short = f"-{setting.short}, " if setting.short else ""
    dashes = "--[no]" if setting.kind is Kind.SWITCH else "--"
    names = ", ".join(f"{dashes}{name}" for name in (setting.name, *setting.also))
    return f"{short}{names}{_VALUES.get(setting.kind, ' TEXT')}", _about(setting)


_VALUES = {
    Kind.NUMBER: " NUMBER",
    Kind.SWITCH: "",
    Kind.PAIRS: " NAME:VALUE,...",
    Kind.PATH: " PATH",
}


def _part(title: str, rows: list[tuple[str, str]]) -> str:
    return "\n".join([f"{title}:", *(line for row in rows for line in _lines(*row))])


def _lines(name: str, words: str) -> list[str]:
    lines = textwrap.wrap(words, _WIDTH - _INDENT, break_on_hyphens=False, break_long_words=False)
    beside = f"  {name:{_INDENT - 4}}  " if len(name) <= _INDENT - 4 else f"  {name}\n{'':{_INDENT}}"
    return [f"{beside}{lines[0]}", *(f"{'':{_INDENT}}{line}" for line in lines[1:])]
