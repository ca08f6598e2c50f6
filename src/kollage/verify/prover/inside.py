"""Import names one after the other: this file is handed to the Python of an image and runs there.

Reads JSON, {"names": […], "applications": […]}, each `module` or `module:attribute`, and answers with those that fail:
{name: {"error": …, "missing": module, "kind": "import", "refusal" or "other"}}. It needs the standard library only.
"""

import contextlib
import gc
import importlib
import importlib.util
import itertools
import json
import os
import signal
import sys

_SECONDS = 120  # for one import; whoever takes longer waits for something that an image has not
_ROUNDS = 4


def load(name: str) -> None:
    """Import a module and look an attribute of it up."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    for part in attribute.split(".") if attribute else ():
        inner = f"{getattr(found, '__name__', '')}.{part}"
        if not hasattr(found, part) and hasattr(found, "__path__") and importlib.util.find_spec(inner):
            importlib.import_module(inner)  # a module of a package is its attribute once it is imported
        found = getattr(found, part)


def attempt(name: str) -> "dict[str, str]":
    """What is wrong with a name: nothing, or the error and the module that it is for want of."""
    try:
        load(name)
    except BaseException as error:  # noqa: BLE001 - modules may end the program, and that is an answer too
        missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else ""
        return {"error": f"{type(error).__name__}: {error}", "missing": missing, "kind": kind_of(error)}
    return {}


def kind_of(error: BaseException) -> str:
    """What an error speaks of: that an import failed, that the code refused to go on, or something else."""
    if isinstance(error, (ImportError, SyntaxError)):
        return "import"
    return "refusal" if type(error) is RuntimeError else "other"


class Importer:
    """A process of its own that imports one name after the other, as many as it can: an import may end it."""

    def __init__(self, names: "list[str]") -> None:
        reading, said = os.pipe()
        asked, asking = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            os.close(reading)
            os.close(asking)
            try:
                import_all(names, asked, said)
            finally:
                os._exit(0)
        os.close(said)
        os.close(asked)
        self.reading, self.asking = reading, asking

    def answers(self, more: "tuple[str, ...]" = ()) -> "list[dict[str, str]]":
        """An answer for each name, and for more names that it imports after those; fewer where an import ended it."""
        # an end of input would not be seen while another process has a copy of this pipe: an empty line ends it
        with contextlib.suppress(BrokenPipeError), os.fdopen(self.asking, "w") as out:
            out.write("".join(f"{name}\n" for name in (*more, "")))
        with os.fdopen(self.reading) as answers:
            found = [json.loads(line) for line in answers]
        os.waitpid(self.child, 0)
        return found


def import_all(names: "list[str]", asked: int, said: int) -> None:
    """Import the names and those that are asked for later, writing a line after each."""
    with os.fdopen(asked) as more, os.fdopen(said, "w") as out:
        later = iter(lambda: more.readline().rstrip("\n"), "")
        for name in itertools.chain(names, later):
            signal.alarm(_SECONDS)
            result = attempt(name)
            signal.alarm(0)
            out.write(json.dumps(result) + "\n")
            out.flush()


def tried(names: "list[str]", found: "list[dict[str, str]] | None" = None) -> "dict[str, dict[str, str]]":
    """The names that fail when they are imported one after the other; what a first process found may be known."""
    failed = {}
    while names:
        found = Importer(names).answers() if found is None else found
        failed.update({names[number]: result for number, result in enumerate(found) if result})
        if len(found) < len(names):
            ended = f"importing it ended the process, or took longer than {_SECONDS} s"
            failed[names[len(found)]] = {"error": ended, "missing": "", "kind": "other"}
        names, found = names[len(found) + 1 :], None
    return failed


def by_itself(failed: "dict[str, dict[str, str]]", kinds: "tuple[str, ...]") -> "dict[str, dict[str, str]]":
    """What fails by itself, not because programs that never run together were imported together.

    Each round begins in a new process. What its first name fails with is so by itself, for all that fail with the same.
    """
    settled = set()
    for _ in range(_ROUNDS):
        doubtful = (name for name, why in failed.items() if why["kind"] in kinds and not why["missing"])
        again = [name for name in doubtful if failed[name]["error"] not in settled]
        if not again:
            break
        second = tried(again)
        if again[0] in second:
            settled.add(second[again[0]]["error"])
        failed = {**{name: why for name, why in failed.items() if name not in again}, **second}
    return failed


def all_tried(names: "list[str]", applications: "list[str]") -> "dict[str, dict[str, str]]":
    """What fails of the names, and of the applications, which have a process of their own beside.

    Code that refuses to go on beside what was imported before it may do beside the applications. That process is there
    already: for a new one, everything would be imported once more.
    """
    beside = Importer(applications)
    failed = tried(names)
    refused = [name for name, why in failed.items() if why["kind"] == "refusal"]
    answers = beside.answers(tuple(refused))
    later = answers[len(applications) :]
    fine = {name for name, why in zip(refused, later) if not why}  # noqa: B905 - an image may have Python 3.9
    left = {name: why for name, why in failed.items() if name not in fine}
    return {
        **by_itself(left, ("import", "refusal", "other")),
        **by_itself(tried(applications, answers[: len(applications)]), ("import",)),
    }


def main() -> None:
    """Answer for every name."""
    asked = json.load(sys.stdin)
    gc.disable()  # what is imported stays: each look for garbage among it is in vain, and takes longer than the last
    sys.path[:] = [place for place in sys.path if place]  # the folder that this is started in is nobody's library
    sys.argv[:] = ["import"]
    said = os.dup(1)
    os.dup2(2, 1)  # what modules print while they are imported is no answer
    failed = all_tried(asked["names"], asked["applications"])
    with os.fdopen(said, "w") as out:
        json.dump(failed, out)


if __name__ == "__main__":
    main()
