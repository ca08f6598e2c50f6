"""The table of settings: one entry each, from which flags, keys of files and documentation derive.

Adding a setting is one entry in one of these modules and one field of `kollage.options.Options`; its group decides
which verbs take it as a flag (`kollage.options.verbs`). Nothing in this package reads anything.
"""

from kollage.options.setting import Setting
from kollage.options.settings.around import WHAT_IS_PRINTED, WHERE
from kollage.options.settings.building import HOW_BUILT, HOW_PUSHED, HOW_VERIFIED
from kollage.options.settings.cloud import OF_CLOUDS
from kollage.options.settings.groups import GROUPS
from kollage.options.settings.hosts import MANY_HOSTS
from kollage.options.settings.images import HOW_NAMED, WHAT_IS_BUILT, WHICH_IMAGES
from kollage.options.settings.profiles import PROFILES
from kollage.options.settings.sections import SOURCE_SECTIONS, SOURCE_SETTINGS, USER_SETTINGS
from kollage.options.settings.shapes import BASE_TAGS, BASES
from kollage.options.settings.smoke import OF_SMOKE
from kollage.options.settings.verbs import OF_SINGLE_VERBS

__all__ = [
    "BASES",
    "BASE_TAGS",
    "GROUPS",
    "PROFILES",
    "SETTINGS",
    "SOURCE_SECTIONS",
    "SOURCE_SETTINGS",
    "USER_SETTINGS",
]

SETTINGS: tuple[Setting, ...] = (
    *WHICH_IMAGES,
    *WHAT_IS_BUILT,
    *HOW_NAMED,
    *HOW_BUILT,
    *HOW_PUSHED,
    *HOW_VERIFIED,
    *WHERE,
    *WHAT_IS_PRINTED,
    *OF_SINGLE_VERBS,
    *MANY_HOSTS,
    *OF_CLOUDS,
    *OF_SMOKE,
)
