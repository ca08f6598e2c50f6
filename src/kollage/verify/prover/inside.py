"""Import names one after the other: this file is handed to the Python of an image and runs there.

Reads JSON, {"names": […], "applications": […]}, each `module` or `module:attribute`, and answers with those that fail:
{name: {"error": …, "missing": module, "kind": "import" or "other"}}. It needs the standard library only.
"""

import gc
import importlib
import importlib.util
import json
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # of the image's Python nothing more is asked
    from collections.abc import Callable

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
        kind = "import" if isinstance(error, (ImportError, SyntaxError)) else "other"
        missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else ""
        return {"error": f"{type(error).__name__}: {error}", "missing": missing, "kind": kind}
    return {}


def import_all(names: "list[str]", answers: int) -> None:
    """Import what is left of the names, writing a line after each: an import may end the process."""
    with os.fdopen(answers, "w") as out:
        for name in names:
            signal.alarm(_SECONDS)
            result = attempt(name)
            signal.alarm(0)
            out.write(json.dumps(result) + "\n")
            out.flush()


def in_child(names: "list[str]") -> "list[dict[str, str]]":
    """The answers of a process of its own, as many as it gave before it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            import_all(names, writing)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answers:
        found = [json.loads(line) for line in answers]
    os.waitpid(child, 0)
    return found


def tried(names: "list[str]") -> "dict[str, dict[str, str]]":
    """The names that fail when they are imported one after the other."""
    failed = {}
    while names:
        found = in_child(names)
        failed.update({names[number]: result for number, result in enumerate(found) if result})
        if len(found) < len(names):
            ended = f"importing it ended the process, or took longer than {_SECONDS} s"
            failed[names[len(found)]] = {"error": ended, "missing": "", "kind": "other"}
        names = names[len(found) + 1 :]
    return failed


def by_itself(names: "list[str]", kinds: "tuple[str, ...]") -> "dict[str, dict[str, str]]":
    """What fails by itself, not because programs that never run together were imported together.

    Each round begins in a new process. What its first name fails with is so by itself, for all that fail with the same.
    """
    failed, settled = tried(names), set()
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


def beside(work: "Callable[[], object]") -> "Callable[[], dict[str, dict[str, str]]]":
    """Let a process of its own work; what is given waits for its answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(work(), out)
        os._exit(0)
    os.close(writing)

    def answer() -> "dict[str, dict[str, str]]":
        with os.fdopen(reading) as said:
            found: dict[str, dict[str, str]] = json.load(said)
        os.waitpid(child, 0)
        return found

    return answer


def main() -> None:
    """Answer for every name."""
    asked = json.load(sys.stdin)
    gc.disable()  # what is imported stays: each look for garbage among it is in vain, and takes longer than the last
    sys.path[:] = [place for place in sys.path if place]  # the folder that this is started in is nobody's library
    sys.argv[:] = ["import"]
    said = os.dup(1)
    os.dup2(2, 1)  # what modules print while they are imported is no answer
    applications = beside(lambda: by_itself(asked["applications"], ("import",)))
    failed = {**by_itself(asked["names"], ("import", "other")), **applications()}
    with os.fdopen(said, "w") as out:
        json.dump(failed, out)


if __name__ == "__main__":
    main()
