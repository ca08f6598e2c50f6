"""What the sections for sources and accounts may say."""

from kollage.options.setting import Kind, Setting

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
