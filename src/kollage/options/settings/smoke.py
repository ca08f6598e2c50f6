"""What a smoke test of a cloud does."""

from kollage.options.setting import Kind, Setting
from kollage.options.settings.groups import SMOKE

OF_SMOKE: tuple[Setting, ...] = (
    Setting(
        name="clouds-file",
        group=SMOKE,
        kind=Kind.PATH,
        has_to_be="file",
        in_file=False,
        default_is="the cloud of `kollage up`",
        help="A `clouds.yaml` of another cloud that is to be tested, such as `/etc/kolla/clouds.yaml`.",
    ),
    Setting(
        name="os-cloud",
        group=SMOKE,
        in_file=False,
        default_is="`kolla-admin`",
        help="Which cloud of that file; its user has to be an administrator.",
    ),
    Setting(
        name="patience",
        group=SMOKE,
        kind=Kind.NUMBER,
        minimum=1,
        in_file=False,
        default="300",
        help="Seconds that the instance may take to boot, and that anything else may take.",
    ),
    Setting(
        name="leave",
        group=SMOKE,
        kind=Kind.SWITCH,
        in_file=False,
        default="false",
        help="Leave all that was made, to look at; the next smoke test removes it.",
    ),
    Setting(
        name="tempest",
        group=SMOKE,
        kind=Kind.SWITCH,
        in_file=False,
        default="false",
        help="Run Tempest's smoke tests of identity, image and compute, too, from its image.",
    ),
)
