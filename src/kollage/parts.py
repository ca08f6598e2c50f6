"""A release of several parts, as `retired`: its systems were given up at different times and stand on different bases.

Each part is a release of its own; what is said of the whole is done for each part that it concerns.
"""

from collections.abc import Callable, Sequence

from kollage import catalogue as catalogues
from kollage import releases
from kollage.catalogue import Catalogue
from kollage.errors import UsageError
from kollage.graph import resolve
from kollage.options import Options
from kollage.options.settings.groups import IMAGES
from kollage.options.verbs import verb_named
from kollage.releases.offered import members

Part = tuple[Sequence[str], Options]
_EVERY = ("lock",)  # verbs that are about releases rather than images


def command_lines(options: Options, argv: Sequence[str]) -> tuple[Sequence[str], ...]:
    """The command line of each part; none where the release is one of its own."""
    if IMAGES not in verb_named(options.verb).groups:
        return ()
    folder = releases.folder_of(options.images_dir or catalogues.IMAGES)
    return tuple(_with_release(argv, name) for name in members(options.release, folder))


def concerned(parts: Sequence[Part], load: Callable[[Options], Catalogue]) -> tuple[Part, ...]:
    """The parts that have something of what was asked for. Raises `UsageError` where none has."""
    complaints = {options.release: _complaint(options, load) for _, options in parts}
    found = tuple(part for part in parts if complaints[part[1].release] is None)
    if not found:
        raise next(error for error in complaints.values() if error)
    names = [options.release for _, options in found]
    if len(found) > 1 and found[0][1].format == "json":
        raise UsageError(
            f"what is asked for is in several releases: {', '.join(names)}", hint=f"say --release {names[0]}"
        )
    return found


def _complaint(options: Options, load: Callable[[Options], Catalogue]) -> UsageError | None:
    """Why a part has nothing of what was asked for."""
    if options.verb in _EVERY:
        return None
    catalogue = load(options)
    absent = catalogue.images[options.image].absent if options.image in catalogue.images else None
    if absent:
        return UsageError(f"there is no {options.image}: {absent.reason}", hint=absent.instead)
    try:
        resolve(catalogue, options)
    except UsageError as error:
        return error
    return None


def _with_release(argv: Sequence[str], name: str) -> Sequence[str]:
    """The words with another release; the last one that is said counts."""
    end = argv.index("--") if "--" in argv else len(argv)
    return [*argv[:end], f"--release={name}", *argv[end:]]
