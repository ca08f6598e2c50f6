"""A `buildah` whose store is a folder of JSON files: it builds nothing and remembers all that it was told.

$FAKE_BUILDAH names the folder. It holds `images.json`, `containers.json`, what was called (`calls.jsonl`), the orders
of builds as they arrived (`orders.jsonl`), and `behaviour.json`, by which a test says what is to go wrong.
"""

import fcntl
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STORE = Path(os.environ["FAKE_BUILDAH"])
MARK = "kollage-run"  # by which whose container is whose is told; no secret
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def main(argv: Sequence[str]) -> int:
    verb, rest = argv[0], argv[1:]
    with locked():
        append("calls", argv)
    if behaviour().get("broken"):
        return complain(behaviour()["broken"])
    if "--help" in rest:
        print(f"Usage: buildah {verb} [options]")
        return 0
    if verb in behaviour().get("hangs", ()):
        sleep(verb)
    return VERBS[verb](rest)


def version(_: Sequence[str]) -> int:
    print("buildah version 1.39.3 (image-spec 1.1.0, runtime-spec 1.2.0)")
    return 0


def info(_: Sequence[str]) -> int:
    print(json.dumps({"store": {"GraphRoot": behaviour().get("graph-root", str(STORE))}}))
    return 0


def images(argv: Sequence[str]) -> int:
    labels = [flag.removeprefix("label=") for flag in argv if flag.startswith("label=")]
    rows = [
        {"id": key, "names": row["names"], "size": "100 MB"}
        for key, row in load("images").items()
        if all(label in row["labels"] for label in labels)
    ]
    print(json.dumps(rows or None))
    return 0


def containers(_: Sequence[str]) -> int:
    rows = [{"id": key, "imagename": name, "imageid": "", "builder": True} for key, name in load("containers").items()]
    print(json.dumps(rows or None))
    return 0


def remove(argv: Sequence[str]) -> int:
    with locked():
        save("containers", {key: name for key, name in load("containers").items() if key not in argv})
    return 0


def remove_images(argv: Sequence[str]) -> int:
    """Take a name, or an image that has no more than one."""
    (name,) = argv
    with locked():
        rows = {
            key: {**row, "names": [other for other in row["names"] if other != full(name)]}
            for key, row in load("images").items()
            if key != name
        }
        save("images", {key: row for key, row in rows.items() if row["names"]})
    return 0


def push(argv: Sequence[str]) -> int:
    """Give the registry a manifest: an image is no more than that here."""
    import urllib.error  # here, as every call of the program waits for what is loaded
    import urllib.request

    reference = argv[-1]
    digestfile = next(flag.partition("=")[2] for flag in argv if flag.startswith("--digestfile="))
    refusal = behaviour().get("refused")
    if refusal:
        return complain(f"Error: trying to reuse blob at destination: {refusal}")
    identity = next(key for key, row in load("images").items() if full(reference) in row["names"])
    body = json.dumps(
        {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": f"sha256:{identity}"}, "layers": []}
    ).encode()
    host, _, rest = reference.partition("/")
    name, _, tag = rest.rpartition(":")
    request = urllib.request.Request(f"http://{host}/v2/{name}/manifests/{tag}", body, method="PUT")
    request.add_header("Content-Type", MANIFEST)
    try:
        with urllib.request.urlopen(request) as answer:
            Path(digestfile).write_text(answer.headers["Docker-Content-Digest"])
    except urllib.error.HTTPError as error:
        return complain(f"Error: writing manifest: {error.code} {error.reason}")
    return 0


def tag(argv: Sequence[str]) -> int:
    with locked():
        name_image(argv[0], argv[1:])
    return 0


def pull(argv: Sequence[str]) -> int:
    name = argv[-1]
    if name not in behaviour().get("registry", ()):
        return complain(
            f"Error: initializing source docker://{name}: pinging container registry: dial tcp: no such host"
        )
    identity = hashlib.sha256(name.encode()).hexdigest()
    with locked():
        save("images", {**load("images"), identity: {"names": [], "labels": {}}})
        name_image(identity, [name])
    print(identity)
    return 0


def inspect(argv: Sequence[str]) -> int:
    found = next(key for key, row in load("images").items() if full(argv[-1]) in row["names"])
    print(json.dumps({"FromImageID": found}))
    return 0


def build(argv: Sequence[str]) -> int:
    order = read_order(argv)
    name = order["labels"].get("org.opencontainers.image.title", "")
    told: Mapping[str, Any] = behaviour().get("images", {}).get(name, {})
    with locked():
        append("orders", order)
        missing = [parent for parent in order["from"] if not in_store(parent)]
    if missing:
        return complain(f"Error: creating build container: {missing[0]}: image not known")
    with working_container(name, order["from"], said=argv):
        for number, step in enumerate(order["dockerfile"].splitlines(), 1):
            print(f"STEP {number}: {step}", flush=True)
        for line in told.get("prints", ()):
            print(line, flush=True)
        if told.get("sleeps"):
            sleep(name)
    if told.get("then"):
        save("behaviour", {**behaviour(), **told["then"]})
    if told.get("fails"):
        return complain(*told["fails"], code=told.get("code", 1))
    identity = hashlib.sha256(json.dumps([order["dockerfile"], order["labels"], time.time_ns()]).encode()).hexdigest()
    with locked():
        row = {"names": [], "labels": order["labels"], "history": order["dockerfile"]}
        save("images", {**load("images"), identity: row})
        name_image(identity, order["tags"])
    Path(order["iidfile"]).write_text(f"sha256:{identity}")
    return 0


def read_order(argv: Sequence[str]) -> dict[str, Any]:
    """All that a build is told, with what its files hold at that moment."""
    import argparse

    parser = argparse.ArgumentParser(allow_abbrev=False)
    for flag in (
        "--isolation",
        "--layers",
        "--pull",
        "--format",
        "--network",
        "--file",
        "--iidfile",
        "--platform",
        "--force-rm",
    ):
        parser.add_argument(flag)
    for flag in ("--tag", "--label", "--build-arg", "--build-context", "--secret", "--ulimit"):
        parser.add_argument(flag, action="append", default=[])
    parser.add_argument("context", type=Path)
    said = parser.parse_args(argv)
    text = Path(said.file).read_text()
    names = [line.split() for line in text.splitlines() if line.startswith("FROM ")]
    return {
        "command": ["buildah", "build", *argv],
        "dockerfile": text,
        "from": [words[1] for words in names],
        "context": sorted(str(path.relative_to(said.context)) for path in said.context.rglob("*") if path.is_file()),
        "tags": said.tag,
        "labels": dict(label.split("=", 1) for label in said.label),
        "build_args": said.build_arg,
        "secrets": {key: told for key, told in map(secret, said.secret) if key != MARK},
        "iidfile": said.iidfile,
    }


def secret(text: str) -> tuple[str, Mapping[str, str]]:
    facts = dict(part.split("=", 1) for part in text.split(","))
    path = Path(facts["src"])
    mode = oct(path.stat().st_mode & 0o777)
    return facts["id"], {"path": str(path), "mode": mode, "content": path.read_text()}


@contextmanager
def working_container(name: str, parents: Sequence[str], said: Sequence[str]) -> Iterator[None]:
    """The container that a build works in; whoever kills the build leaves it behind, as the real one does."""
    key = f"{name}-{os.getpid()}"
    kept = STORE / "overlay-containers" / key / "userdata" / "buildah.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"CommonBuildOpts": {"Secrets": [f for f in said if f.startswith("--secret=")]}}))
    with locked():
        save("containers", {**load("containers"), key: full(parents[-1])})
    yield
    remove([key])


def sleep(name: str) -> None:
    """Until the test says that it is enough; not for ever, whatever happens."""
    half = STORE / f"half-{name}"  # so that who finds the file finds the number in it
    half.write_text(str(os.getpid()))
    half.rename(STORE / f"sleeps-{name}")
    for _ in range(600):
        if (STORE / "wake").exists():
            return
        time.sleep(0.1)


def in_store(name: str) -> bool:
    return name == "scratch" or any(full(name) in row["names"] for row in load("images").values())


def full(name: str) -> str:
    """As buildah writes a name that has no registry."""
    first = name.partition("/")[0]
    return name if "." in first or ":" in first or first == "localhost" else f"localhost/{name}"


def name_image(identity: str, names: Sequence[str]) -> None:
    """A name belongs to one image: who had it loses it."""
    mine = [full(name) for name in names]
    rows = {key: {**row, "names": [n for n in row["names"] if n not in mine]} for key, row in load("images").items()}
    rows[identity]["names"] += mine
    save("images", rows)


def complain(*lines: str, code: int = 125) -> int:
    sys.stderr.writelines(f"{line}\n" for line in lines)
    return code


def behaviour() -> dict[str, Any]:
    return load("behaviour")


def load(name: str) -> dict[str, Any]:
    path = STORE / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def save(name: str, value: Mapping[str, Any]) -> None:
    draft = STORE / f"{name}.{os.getpid()}"
    draft.write_text(json.dumps(value))
    draft.replace(STORE / f"{name}.json")


def append(name: str, value: object) -> None:
    with (STORE / f"{name}.jsonl").open("a") as file:
        file.write(json.dumps(value) + "\n")


@contextmanager
def locked() -> Iterator[None]:
    with (STORE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


VERBS = {
    "--version": version,
    "info": info,
    "images": images,
    "containers": containers,
    "rm": remove,
    "rmi": remove_images,
    "tag": tag,
    "push": push,
    "pull": pull,
    "inspect": inspect,
    "build": build,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
