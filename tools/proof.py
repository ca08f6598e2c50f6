"""Build and verify the whole catalogue, and write what was seen to docs/proof/catalogue.md: `make proof`.

Images are taken system by system, so an interrupt loses one system at most: what was seen is kept in catalogue.json
beside the table, and an image is recorded anew only when it was built or verified anew. Where the disk becomes scarce,
leaves that are proven are removed from the engine's store. Arguments are systems; without any, all are taken.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kollage.catalogue import IMAGES, Catalogue, load_catalogue
from kollage.engines import engine_for
from kollage.image import Image
from kollage.options import Options, load_options
from kollage.verify import verdicts

FOLDER = Path(__file__).parents[1] / "docs" / "proof"
RECORD, TABLE = FOLDER / "catalogue.json", FOLDER / "catalogue.md"
ENOUGH = 12 * 10**9  # bytes that are to be free before the next system
Record = dict[str, dict[str, Any]]

HEAD = """\
# What of the catalogue was built and proven

Written by `make proof` from real runs, never by hand; the figures behind it are in catalogue.json. On {base} with the
release {release}. *Static* are the checks that start nothing, *alive* is what was started: the service until it was
healthy and then to its end, or its version command alone.

{counts}

| system | image | built s | MB | static | alive | exceptions | date | not proven, and why |
|:-------|:------|--------:|---:|:-------|:------|-----------:|:-----|:--------------------|
"""


def system_of(image: Image) -> str:
    """The folder of the catalogue that an image and its kin lie in."""
    return image.folder.relative_to(IMAGES).parts[0]


def systems(catalogue: Catalogue) -> dict[str, list[str]]:
    """The images of each system."""
    found: dict[str, list[str]] = {}
    for name, image in sorted(catalogue.images.items()):
        found.setdefault(system_of(image), []).append(name)
    return found


def run(verb: str, *arguments: str) -> dict[str, Any]:
    """What a command of the program says; it may fail, which that tells. Interrupted, it is let clean up."""
    command = [sys.executable, "-m", "kollage", verb, "--format=json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            printed, _ = process.communicate()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    return dict(json.loads(printed)) if printed else {}


def exactly(names: Sequence[str]) -> str:
    return f"^({'|'.join(names)})$"


def prove(names: Sequence[str], catalogue: Catalogue, record: Record) -> None:
    """Build and verify images, and note what was seen of each."""
    results = run("build", "--verify", exactly(names)).get("results", [])
    _note(results, names, catalogue, record)
    for step in run("plan", exactly(names)).get("steps", []):  # how long those took that were there already
        row = record.get(step["image"], {})
        if step["image"] in names and "seconds" not in row and step["seconds_last"]:
            row["seconds"] = round(step["seconds_last"], 1)


def _note(results: Sequence[Mapping[str, Any]], names: Sequence[str], catalogue: Catalogue, record: Record) -> None:
    for result in results:
        name, kind = result["image"], result["step"].partition(":")[0]
        if name not in names:
            continue
        row = record.setdefault(name, {})
        if kind == "build":
            _note_build(row, result)
        if kind == "verify":
            _note_proof(row, result, catalogue.images[name])


def _note_build(row: dict[str, Any], result: Mapping[str, Any]) -> None:
    if result["status"] == "built":
        row.clear()
        row["seconds"] = round(result["seconds"], 1)
    row["build"] = result["status"] if result["status"] in {"failed", "blocked", "cancelled"} else "there"
    row["why"] = result["reason"].splitlines()[0] if row["build"] != "there" else ""
    row["size"] = result["size"] or row.get("size", 0)


def _note_proof(row: dict[str, Any], result: Mapping[str, Any], image: Image) -> None:
    dynamic = "healthy" if image.verify.healthy else "version" if image.verify.version else "nothing to start"
    if result["status"] == "reused":  # the verdict of an earlier run, which no finding was left in
        row |= {"static": "passed", "alive": dynamic, "why": "", "date": _judged(result["reference"])}
        return
    found = [finding["check"] for finding in result["findings"]]
    seen = result["status"] in {"verified", "failed"} and (result["status"] == "verified" or found)
    row |= {
        "static": _verdict([check for check in found if not check.startswith("alive.")]) if seen else "not run",
        "alive": (_verdict([check for check in found if check.startswith("alive.")], dynamic)) if seen else "not run",
        "excepted": result["excepted"],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "why": "" if seen else result["reason"].splitlines()[0],
    }


def _judged(reference: str) -> str:
    """The day on which an image passed."""
    folder = verdicts.folder(load_options("verify", [], os.environ).cache_dir)
    times = [path.stat().st_mtime for path in folder.iterdir() if path.read_text(encoding="utf-8") == f"{reference}\n"]
    return time.strftime("%Y-%m-%d", time.gmtime(max(times)))


def _verdict(found: Sequence[str], good: str = "passed") -> str:
    return ", ".join(dict.fromkeys(found)) or good


def make_room(names: Sequence[str], catalogue: Catalogue, record: Record, options: Options) -> None:
    """Remove proven leaves from the engine's store where the disk is scarce."""
    engine = engine_for(options)
    if engine.free_bytes() > ENOUGH:
        return
    leaves = [name for name in names if catalogue.is_leaf(name) and record.get(name, {}).get("static") == "passed"]
    engine.remove(
        name
        for image in engine.images()
        for name in image.references
        if _image_of(name) in leaves and (name.endswith(f":{options.tag}") or ":fp-" in name)
    )


def _image_of(reference: str) -> str:
    return reference.rpartition("/")[2].partition(":")[0]


def rows(catalogue: Catalogue, record: Record, base: str) -> Iterator[str]:
    """The lines of the table."""
    for system, names in systems(catalogue).items():
        for name in names:
            image, row = catalogue.images[name], record.get(name, {})
            reason = _reason(image, row, base)
            cells = (
                system,
                name,
                row.get("seconds", ""),
                row.get("size", 0) // 10**6 or "",
                row.get("static", "-"),
                row.get("alive", "-"),
                row.get("excepted") or "",
                row.get("date", ""),
                reason.replace("|", "\\|"),
            )
            yield f"| {' | '.join(map(str, cells))} |"


def _reason(image: Image, row: Mapping[str, Any], base: str) -> str:
    """Why not everything about an image is proven."""
    not_started = image.verify.not_started if row.get("alive") != "healthy" else ""
    return image.unsupported_on(base, "x86_64") or image.verify.unproven or str(row.get("why", "")) or not_started


def counts(catalogue: Catalogue, record: Record) -> str:
    """The sums, as a sentence."""
    known = [record[name] for name in catalogue.images if name in record]
    passed = sum(row.get("static") == "passed" for row in known)
    healthy = sum(row.get("alive") == "healthy" for row in known)
    version = sum(row.get("alive") == "version" for row in known)
    return (
        f"{len(catalogue.images)} images; {sum(row.get('build') == 'there' for row in known)} built, {passed} pass "
        f"every static check, {healthy} were started and seen healthy, of {version} the version command ran."
    )


def write(catalogue: Catalogue, record: Record, base: str, release: str) -> None:
    """Write both files."""
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    head = HEAD.format(base=base, release=release, counts=counts(catalogue, record))
    TABLE.write_text(head + "\n".join(rows(catalogue, record, base)) + "\n", encoding="utf-8")


def main(wanted: Sequence[str]) -> None:
    """Prove system by system."""
    catalogue, options = load_catalogue(), load_options("build", [], os.environ)
    record: Record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    record = {name: row for name, row in record.items() if name in catalogue.images}
    for system, names in systems(catalogue).items():
        tried = [
            name
            for name in names
            if not catalogue.images[name].unsupported_on("debian", "x86_64")
            and not catalogue.images[name].verify.unproven
        ]
        if not tried or (wanted and system not in wanted):
            continue
        began = time.monotonic()
        prove(tried, catalogue, record)
        write(catalogue, record, options.base, options.release)
        sys.stdout.write(f"{system}: {len(tried)} images in {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()
        make_room(tried, catalogue, record, options)
    write(catalogue, record, options.base, options.release)


if __name__ == "__main__":
    main(sys.argv[1:])
