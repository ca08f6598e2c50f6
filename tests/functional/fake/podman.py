"""A `podman` whose containers are lines in a file: it starts nothing, and remembers all that it was told.

$FAKE_PODMAN names the folder. It holds `images.json` (name -> id), `containers.json`, `volumes.json`, what was called
(`calls.jsonl`), and `behaviour.json`, by which a test says what is to go wrong.
"""

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STORE = Path(os.environ["FAKE_PODMAN"])


def main(argv: Sequence[str]) -> int:
    with locked():
        with (STORE / "calls.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(argv) + "\n")
        return VERBS[argv[0]](argv[1:])


def version(_: Sequence[str]) -> int:
    print("podman version 4.3.1")
    return 0


def info(_: Sequence[str]) -> int:
    print(json.dumps({"store": {"graphRoot": str(STORE)}, "host": {}, "version": {}}))
    return 0


def images(_: Sequence[str]) -> int:
    print(json.dumps([{"Id": key, "Names": [name], "Size": 1} for name, key in load("images").items()]))
    return 0


def ps(argv: Sequence[str]) -> int:
    if "json" in argv:  # podman-compose asks so
        rows = [
            {"Names": [name], "Labels": row["labels"], "Exited": not row["running"], "State": "x", "Id": name}
            for name, row in load("containers").items()
        ]
        print(json.dumps(rows))
    else:
        print("\n".join(load("containers")))
    return 0


def create(argv: Sequence[str]) -> int:
    name = next(word.removeprefix("--name=") for word in argv if word.startswith("--name="))
    given = [argv[number + 1] for number, word in enumerate(argv) if word == "--label"]
    labels = dict(label.split("=", 1) for label in given)
    if name.removeprefix("kollage-") in behaviour("cannot-be-made"):
        print("no such device", file=sys.stderr)
        return 125
    row = {"labels": labels, "running": False, "code": 0, "started": "", "arguments": list(argv)}
    keep("containers", {**load("containers"), name: row})
    return 0


def start(argv: Sequence[str]) -> int:
    found = load("containers")
    row = found[argv[-1]]
    job = row["labels"].get("kollage.job") == "true"
    unit = argv[-1].removeprefix("kollage-")
    code = behaviour("codes").get(unit, 0)
    again = int(str(row["started"] or "0")) + 1
    keep("containers", {**found, argv[-1]: {**row, "running": not job, "code": code, "started": str(again)}})
    return 0


def wait(argv: Sequence[str]) -> int:
    print(load("containers")[argv[-1]]["code"])
    return 0


def execute(argv: Sequence[str]) -> int:
    return int(argv[0].removeprefix("kollage-") in behaviour("sick"))


def logs(argv: Sequence[str]) -> int:
    print(f"a line of {argv[-1]}")
    return 0


def stop(argv: Sequence[str]) -> int:
    found = load("containers")
    keep("containers", {name: {**row, "running": row["running"] and name not in argv} for name, row in found.items()})
    return 0


def container(argv: Sequence[str]) -> int:
    found = load("containers")
    names = [word for word in argv[1:] if not word.startswith("--")]
    if argv[0] == "rm":
        keep("containers", {name: row for name, row in found.items() if name not in names})
        return 0
    if any(word.startswith("--format") for word in argv):
        print(behaviour("restarts").get(names[0].removeprefix("kollage-"), 0))
        return 0
    print(json.dumps([inspected(name, found[name]) for name in names]))
    return 0


def inspected(name: str, row: Mapping[str, Any]) -> dict[str, object]:
    state = {"Running": row["running"], "ExitCode": row["code"], "StartedAt": row["started"]}
    return {"Name": name, "State": state, "Config": {"Labels": row["labels"]}, "RestartCount": 0}


def volume(argv: Sequence[str]) -> int:
    found = load("volumes")
    name = argv[-1]
    if argv[0] == "inspect":
        print(json.dumps([{"Mountpoint": str(STORE / "no-such-folder")}]))
        return 0 if name in found else 1
    if argv[0] == "create":
        keep("volumes", {**found, name: 1})
    elif argv[0] == "rm":
        keep("volumes", {each: 1 for each in found if each != name})
    else:
        print("\n".join(found))
    return 0


def behaviour(key: str) -> Any:
    return load("behaviour").get(key, {})


def load(name: str) -> dict[str, Any]:
    path = STORE / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def keep(name: str, value: Mapping[str, object]) -> None:
    (STORE / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")


@contextmanager
def locked() -> Iterator[None]:
    with (STORE / "lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
        time.sleep(0)


VERBS = {
    "--version": version,
    "version": version,
    "info": info,
    "images": images,
    "ps": ps,
    "create": create,
    "start": start,
    "wait": wait,
    "exec": execute,
    "logs": logs,
    "stop": stop,
    "container": container,
    "volume": volume,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
