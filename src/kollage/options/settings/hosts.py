"""Builds on many hosts."""

from kollage.options.setting import Kind, Setting
from kollage.options.settings.groups import CERTS, HOSTS, WORKER

MANY_HOSTS: tuple[Setting, ...] = (
    Setting(
        name="scheduler",
        group=HOSTS,
        shape=r"(?:(?:(?:tcp|tls)://)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)?",
        hint="such as tls://build1.example:8786",
        default_is="none: this machine builds",
        help="The Dask scheduler whose workers build; encrypted unless it is on this machine.",
    ),
    Setting(
        name="certs-dir",
        group=HOSTS,
        kind=Kind.PATH,
        default_is="`$XDG_CONFIG_HOME/kollage/certs`, else `~/.config/kollage/certs`",
        help="The folder of the certificates that scheduler, workers and client show each other.",
    ),
    Setting(
        name="worker-name",
        group=WORKER,
        default_is="the host's name",
        help="What the worker is called.",
    ),
    Setting(
        name="days",
        group=CERTS,
        kind=Kind.NUMBER,
        minimum=1,
        in_file=False,
        default="365",
        help="How many days new certificates hold.",
    ),
)
