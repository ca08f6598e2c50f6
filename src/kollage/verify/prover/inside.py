"""Import names one after the other: this file is handed to the Python of an image and runs there.

Reads JSON, {"names": […], "applications": […]}, each `module` or `module:attribute`, and answers with those that fail:
{name: {"error": …, "missing": module, "kind": "import" or "other"}}. It needs the standard library only.
"""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import signal
import sys

_SECONDS = 120  # for one import; whoever takes longer waits for something that an image has not
_ROUNDS = 4
_EVERY = ("import", "other")
_AHEAD = 100  # names that are tried again meanwhile: more answers might not fit between two processes


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
        kind = "import" if isinstance(error, (ImportError, SyntaxError)) else "other"
        missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else ""
        return {"error": f"{type(error).__name__}: {error}", "missing": missing, "kind": kind}
    return {}


class Importer:
    """A process that imports one name after the other; where an import ends it, another one goes on.

    What it is given it imports meanwhile, without waiting until somebody wants the answer.
    """

    def __init__(self, names: "list[str] | None" = None) -> None:
        self._given = list(names or [])  # in the order in which the answers will come
        self._start()

    def give(self, name: str) -> None:
        """Have a name imported meanwhile."""
        self._given.append(name)
        self._ask([name])

    def answer(self, name: str) -> "dict[str, str]":
        """What is wrong with a name; names are asked for in the order in which they were given."""
        if name not in self._given:
            self.give(name)
        said = self._answers.readline()
        self._given.remove(name)
        if said.endswith("\n"):
            found: dict[str, str] = json.loads(said)
            return found
        self.end()
        self._start()
        ended = f"importing it ended the process, or took longer than {_SECONDS} s"
        return {"error": ended, "missing": "", "kind": "other"}

    def failed(self, names: "list[str]") -> "dict[str, dict[str, str]]":
        """What is wrong with those of the names that fail."""
        found = {name: self.answer(name) for name in names}
        return {name: why for name, why in found.items() if why}

    def end(self) -> None:
        """Let the process end, and wait for that."""
        self._ask([""])  # closing is not enough: a process that was made later has what leads to this one, too
        with contextlib.suppress(BrokenPipeError):
            self._names.close()
        self._answers.close()
        os.waitpid(self._child, 0)

    def _start(self) -> None:
        reading, writing = os.pipe()
        said, saying = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(writing)
            os.close(said)
            try:
                import_all(reading, saying)
            finally:
                os._exit(0)
        os.close(reading)
        os.close(saying)
        self._names, self._answers = os.fdopen(writing, "w"), os.fdopen(said)
        self._ask(self._given)

    def _ask(self, names: "list[str]") -> None:
        with contextlib.suppress(BrokenPipeError):  # it has ended, which its silence tells
            self._names.write("".join(f"{name}\n" for name in names))
            self._names.flush()


def import_all(asked: int, answers: int) -> None:
    """Import each name that comes, up to an empty one, and write a line after each."""
    with os.fdopen(asked) as names, os.fdopen(answers, "w") as out:
        for name in iter(lambda: names.readline().rstrip("\n"), ""):
            signal.alarm(_SECONDS)
            result = attempt(name)
            signal.alarm(0)
            out.write(json.dumps(result) + "\n")
            out.flush()


def is_doubtful(why: "dict[str, str]", kinds: "tuple[str, ...]") -> bool:
    """Whether a name may have failed because of what was imported before it."""
    return why["kind"] in kinds and not why["missing"]


def by_themselves(
    failed: "dict[str, dict[str, str]]", kinds: "tuple[str, ...]", importer: "Importer | None" = None
) -> "dict[str, dict[str, str]]":
    """What fails by itself, not because programs that never run together were imported together.

    Each round begins in a new process, the first one in that which is given. What its first name fails with is so by
    itself, for all that fail with the same.
    """
    settled: set[str] = set()
    for _ in range(_ROUNDS):
        doubtful = (name for name, why in failed.items() if is_doubtful(why, kinds))
        again = [name for name in doubtful if failed[name]["error"] not in settled]
        if not again:
            break
        importer = importer or Importer()
        second = importer.failed(again)
        importer.end()
        importer = None
        if again[0] in second:
            settled.add(second[again[0]]["error"])
        failed = {**{name: why for name, why in failed.items() if name not in again}, **second}
    if importer:
        importer.end()
    return failed


def all_failed(names: "list[str]", applications: "list[str]") -> "dict[str, dict[str, str]]":
    """What fails of both. What is doubtful is tried again while the rest is still imported, and so are applications."""
    other, second, first = Importer(applications), Importer(), Importer()
    failed: dict[str, dict[str, str]] = {}
    for name in names:
        why = first.answer(name)
        if why:
            failed[name] = why
        if why and is_doubtful(why, _EVERY) and len(failed) < _AHEAD:
            second.give(name)
    first.end()
    told = other.failed(applications)
    other.end()
    return {**by_themselves(failed, _EVERY, second), **by_themselves(told, ("import",))}


def main() -> None:
    """Answer for every name."""
    asked = json.load(sys.stdin)
    gc.disable()  # what is imported stays: each look for garbage among it is in vain, and takes longer than the last
    sys.path[:] = [place for place in sys.path if place]  # the folder that this is started in is nobody's library
    sys.argv[:] = ["import"]
    said = os.dup(1)
    os.dup2(2, 1)  # what modules print while they are imported is no answer
    failed = all_failed(asked["names"], asked["applications"])
    with os.fdopen(said, "w") as out:
        json.dump(failed, out)


if __name__ == "__main__":
    main()
