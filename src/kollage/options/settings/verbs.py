"""What single verbs ask for."""

from kollage.options.setting import Kind, Setting
from kollage.options.settings.groups import CLEAN, GENCONFIG, REGISTRY
from kollage.options.settings.shapes import TAG, TAG_HINT

OF_SINGLE_VERBS: tuple[Setting, ...] = (
    Setting(
        name="dry-run",
        group=CLEAN,
        kind=Kind.SWITCH,
        in_file=False,
        default="false",
        help="Say what would be removed, and remove nothing.",
    ),
    Setting(
        name="dangling",
        group=CLEAN,
        kind=Kind.SWITCH,
        in_file=False,
        default="false",
        help="Images that have no name any more.",
    ),
    Setting(
        name="of-version",
        group=CLEAN,
        in_file=False,
        shape=TAG,
        hint="such as 0.2.0, as the label kolla_version has it",
        default_is="none",
        help="Images that this version of Kollage made.",
    ),
    Setting(
        name="of-tag",
        group=CLEAN,
        in_file=False,
        shape=TAG,
        hint=TAG_HINT,
        default_is="none",
        help="Images with this tag.",
    ),
    Setting(
        name="all",
        group=CLEAN,
        kind=Kind.SWITCH,
        in_file=False,
        default="false",
        help="Every image that Kollage made.",
    ),
    Setting(
        name="action",
        group=REGISTRY,
        positional=True,
        in_file=False,
        choices=("start", "stop"),
        help="What to do.",
    ),
    Setting(
        name="port",
        group=REGISTRY,
        kind=Kind.NUMBER,
        minimum=1,
        in_file=False,
        default="4000",
        help="The port to listen on.",
    ),
    Setting(
        name="listen",
        group=REGISTRY,
        in_file=False,
        shape=r"[0-9A-Fa-f.:]+",
        hint="an address of this machine",
        default="127.0.0.1",
        help="The address to listen on.",
    ),
    Setting(
        name="data-dir",
        group=REGISTRY,
        kind=Kind.PATH,
        in_file=False,
        default_is="`registry` in the folder of what later runs use again",
        help="The folder that images are kept in.",
    ),
    Setting(
        name="output-file",
        group=GENCONFIG,
        kind=Kind.PATH,
        in_file=False,
        default_is="the standard output",
        help="The file to write.",
    ),
)
