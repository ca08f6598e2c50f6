"""Where things are, how the network is reached, and what is printed."""

from kollage.options.setting import Kind, Setting
from kollage.options.settings.groups import INSTEAD, LISTING, NETWORK, OUTPUT, PLACES
from kollage.options.settings.shapes import URL

WHERE: tuple[Setting, ...] = (
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
        shape=URL,
        hint="write http:// or https://: a build reaches no files of this machine",
        default_is="the environment's or the configuration's of uv and pip",
        help="The package index.",
    ),
    Setting(
        name="pip_extra_index_url",
        group=NETWORK,
        flag=False,
        field="-",
        shape=rf"{URL}(?:\s+{URL})*",
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
)

WHAT_IS_PRINTED: tuple[Setting, ...] = (
    Setting(
        name="format",
        group=OUTPUT,
        short="f",
        choices=("text", "json", "none"),
        default="text",
        help="How results are printed.",
    ),
    Setting(name="debug", group=OUTPUT, short="d", kind=Kind.SWITCH, default="false", help="Print every command."),
    Setting(name="quiet", group=OUTPUT, short="q", kind=Kind.SWITCH, default="false", help="Print results only."),
    Setting(
        name="summary",
        group=OUTPUT,
        kind=Kind.SWITCH,
        default="true",
        help="Print the results at the end.",
    ),
    Setting(
        name="summary-json-file",
        group=OUTPUT,
        kind=Kind.PATH,
        default_is="none",
        help="A file to write the results to, as Kolla writes them.",
    ),
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
    Setting(
        name="list-images",
        group=INSTEAD,
        kind=Kind.SWITCH,
        default="false",
        help="Print the chosen images and end.",
    ),
    Setting(
        name="list-dependencies",
        group=INSTEAD,
        kind=Kind.SWITCH,
        short="l",
        default="false",
        help="Print the chosen images below their parents as JSON and end.",
    ),
    Setting(
        name="save-dependency",
        group=INSTEAD,
        kind=Kind.PATH,
        default_is="none",
        help="Draw the chosen images below their parents into a file and end; its ending says how: .dot, .svg, .png "
        "or .mmd.",
    ),
    Setting(
        name="template-only",
        group=INSTEAD,
        kind=Kind.SWITCH,
        default="false",
        help="Write the build contexts into the working folder and end.",
    ),
)
