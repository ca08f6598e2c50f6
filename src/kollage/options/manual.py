"""Pages of the documentation that derive from the tables.

`python -m kollage.options.manual` prints docs/reference/configuration.md.
"""

import sys
from collections.abc import Iterable

from kollage.options.setting import Kind, Setting
from kollage.options.settings import GROUPS, SETTINGS, SOURCE_SETTINGS, USER_SETTINGS
from kollage.options.verbs import KOLLA_BUILD, VERBS

_HEAD = """\
# Configuration

<!-- Made by `make docs` from src/kollage/options/settings/: change the table, not this page. -->

What is set comes from four places. The first that speaks wins:

1. flags on the command line;
2. configuration files, the last one first;
3. the environment, where a table below says so;
4. the defaults.

Configuration files are Kolla's: the same places, sections and keys. Without `--config-file`, the first
`kolla.conf` and the first `kolla-build.conf` among `~/.kolla/`, `~/`, `/etc/kolla/` and `/etc/` are read;
without `--config-dir`, the files `*.conf` in the first `kolla.conf.d/` and `kolla-build.conf.d/` there.
Both may be given several times. A flag wins over a file, wherever it stands on the command line.

A setting is `--name` on the command line and `name` in the section `[DEFAULT]` of a file; dashes and
underscores are the same in both, and a flag may be shortened as long as only one begins so. What is true
or false has a second flag, `--noname`. `$name` and `${name}` in a value stand for the value of another
setting; `$openstack_branch`, `$openstack_branch_slashed` and `$debian_arch` follow from the release and
the architecture. A dollar sign is written `$$`. A path that is empty is no path.

A flag, a key or a section that means nothing is an error, and so is a value that cannot be: the message
names the file and the line.

`kollage genconfig` writes a file with every setting to begin with; `oslo-config-generator --namespace kollage`
knows them, too. What is the same for Kolla's own command, and what is better, is on
[a page of its own](kolla-build.md).
"""

_SECTIONS = """\
## Sections of the file

### A source

A section named after an image replaces where its source comes from; what it does not say stays as the
catalogue has it. `[<image>-plugin-<name>]` and `[<image>-additions-<name>]` add a source to an image.

```ini
[keystone-base]
type = git
location = https://opendev.org/openstack/keystone
reference = stable/2026.1
```

{sources}
### An account

A section `[<name>-user]` replaces the numbers of an account.

{users}
### Profiles

`[profiles]` names sets of images: each key is a profile, its value a list of regular expressions.

```ini
[profiles]
edge = keystone,nova-,neutron
```
"""


def configuration_page() -> str:
    """Write the reference of every setting."""
    titles = [group for group in GROUPS if any(setting.group == group for setting in SETTINGS)]
    parts = [_HEAD, _verbs(), *map(_group, titles)]
    parts.append(_SECTIONS.format(sources=_keys(SOURCE_SETTINGS), users=_keys(USER_SETTINGS)))
    return "\n".join(parts)


def _verbs() -> str:
    rows = [
        (f"`{verb.usage}`", verb.summary, ", ".join(group.lower() for group in verb.groups))
        for verb in (*VERBS.values(), KOLLA_BUILD)
    ]
    return "## Verbs\n\n" + table(("verb", "what it does", "takes the flags of"), rows)


def _group(title: str) -> str:
    rows = [
        (_names(setting), f"`{setting.key}`" if setting.in_file else "", _default(setting), about(setting))
        for setting in SETTINGS
        if setting.group == title
    ]
    return f"## {title}\n\n" + table(("flag", "key", "default", "what it is"), rows)


def _keys(settings: Iterable[Setting]) -> str:
    return table(("key", "what it is"), [(f"`{setting.key}`", about(setting)) for setting in settings])


def _names(setting: Setting) -> str:
    if setting.positional:
        return f"`{setting.said}`"
    straight = [flag for flag in setting.flags if not flag.startswith("--no") or flag == f"--{setting.name}"]
    return ", ".join(f"`{flag}`" for flag in straight) if setting.flag else ""


def _default(setting: Setting) -> str:
    own = KOLLA_BUILD.defaults.get(setting.name)
    return (setting.default_is or _quoted(setting.default)) + (f"; with `kolla-build` {_quoted(own)}" if own else "")


def _quoted(value: str | None) -> str:
    return f"`{value}`" if value else ""


def about(setting: Setting) -> str:
    """Say what a setting is, and what it may be."""
    kind = "" if setting.kind is Kind.TEXT else f" ({setting.kind.value})"
    choices = f" One of {', '.join(f'`{choice}`' for choice in setting.choices)}." if setting.choices else ""
    least = "" if setting.minimum is None else f" At least {setting.minimum}."
    many = " May be given several times." if setting.many and not setting.positional else ""
    return f"{setting.help.rstrip('.')}{kind}.{choices}{least}{many}"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a table of Markdown."""
    cells = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in cells)


if __name__ == "__main__":
    sys.stdout.write(configuration_page())
