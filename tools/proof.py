"""Build and verify the whole catalogue, and write what was seen to docs/proof/catalogue.md: `make proof`.

Arguments are systems; without any, all are taken, in one run where the disk holds that, else system by system, and
leaves that are proven are removed from the engine's store where it becomes scarce. After an interrupt the same command
goes on: nothing is built or verified twice. What was seen is kept in catalogue.json beside the table, and an image is
recorded anew only when it was built or verified anew; what a whole run took is kept too. With `--release NAME` first,
the images are those of another release, and stand in the table beside the usual one's.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kollage.catalogue import IMAGES, Catalogue, load_catalogue
from kollage.engines import engine_for
from kollage.graph import resolve
from kollage.image import Image
from kollage.options import Options, load_options
from kollage.proofs import needed
from kollage.releases import RELEASES, release_names
from kollage.releases.offered import members, offered
from kollage.verify import verdicts

FOLDER = Path(__file__).parents[1] / "docs" / "proof"
RECORD, TABLE, WHOLE = FOLDER / "catalogue.json", FOLDER / "catalogue.md", FOLDER / "whole.json"
ENOUGH = 12 * 10**9  # bytes that are to be free before the next system
ROOMY = 50 * 10**9  # bytes that all of a release takes at most
USUAL = Options().release
Record = dict[str, dict[str, Any]]

HEAD = """\
# What of the catalogue was built and proven

Written by `make proof` from real runs, never by hand; the figures behind it are in catalogue.json. On {base}, each
release on the suite that it stands on. *Static* are the checks that start nothing, *alive* is what was started: the
service until it was healthy and then to its end, or its version command alone.

{counts}
{whole}
| system | image | release | built s | MB | static | alive | exceptions | date | not proven, and why |
|:-------|:------|:--------|--------:|---:|:-------|:------|-----------:|:-----|:--------------------|
"""


def system_of(image: Image) -> str:
    """The folder of the catalogue that an image and its kin lie in."""
    return image.folder.relative_to(IMAGES).parts[0]


def key(name: str, release: str) -> str:
    """What an image is recorded under: its name alone for the usual release."""
    return name if release == USUAL else f"{name}@{release}"


def systems(catalogue: Catalogue) -> dict[str, list[str]]:
    """The images of each system."""
    found: dict[str, list[str]] = {}
    for name, image in sorted(catalogue.images.items()):
        found.setdefault(system_of(image), []).append(name)
    return found


def run(verb: str, *arguments: str) -> dict[str, Any]:
    """What a command of the program says; it may fail, which that tells. Interrupted, it is let clean up."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever asks for an end means the run as well
    command = [sys.executable, "-m", "kollage", verb, "--format=json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            printed, _ = process.communicate()
        except KeyboardInterrupt:
            process.terminate()
            process.communicate()  # it still says what it did, and waits until that is read
            raise
    return dict(json.loads(printed)) if printed else {}


def exactly(names: Sequence[str]) -> str:
    return f"^({'|'.join(names)})$"


def prove(names: Sequence[str], catalogue: Catalogue, record: Record, release: str) -> Sequence[Mapping[str, Any]]:
    """Build and verify images, note what was seen of each, and give the results."""
    said = f"--release={release}"
    beside = [image.name for image in needed([catalogue.images[name] for name in names], catalogue)]
    results = run("build", "--verify", said, exactly([*names, *beside])).get("results", [])
    _note(results, names, catalogue, record, release)
    for step in run("plan", said, exactly(names)).get("steps", []):  # how long those took that were there already
        row = record.get(key(step["image"], release), {})
        if step["image"] in names and "seconds" not in row and step["seconds_last"]:
            row["seconds"] = round(step["seconds_last"], 1)
    return list(results)


def _note(
    results: Sequence[Mapping[str, Any]], names: Sequence[str], catalogue: Catalogue, record: Record, release: str
) -> None:
    for result in results:
        name, kind = result["image"], result["step"].partition(":")[0]
        if name not in names:
            continue
        row = record.setdefault(key(name, release), {})
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
        row |= {"static": "passed", "alive": dynamic, "why": "", "date": _judged(image, result["reference"])}
        row["excepted"] = result["excepted"]
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


def _judged(image: Image, reference: str) -> str:
    """The day on which an image passed."""
    options = load_options("verify", [], os.environ)
    named = {name: each.id for each in engine_for(options).images() for name in each.references}
    verdict = verdicts.key(image, named[reference], options.debian_arch)
    return time.strftime("%Y-%m-%d", time.gmtime((verdicts.folder(options.cache_dir) / verdict).stat().st_mtime))


def _verdict(found: Sequence[str], good: str = "passed") -> str:
    return ", ".join(dict.fromkeys(found)) or good


def make_room(names: Sequence[str], catalogue: Catalogue, record: Record, options: Options) -> None:
    """Remove proven leaves from the engine's store where the disk is scarce."""
    engine = engine_for(options)
    if engine.free_bytes() > ENOUGH:
        return
    proven = {name for name in names if record.get(key(name, options.release), {}).get("static") == "passed"}
    leaves = [name for name in proven if catalogue.is_leaf(name)]
    engine.remove(
        name
        for image in engine.images()
        for name in image.references
        if _image_of(name) in leaves and (name.endswith(f":{options.tag}") or ":fp-" in name)
    )


def _image_of(reference: str) -> str:
    return reference.rpartition("/")[2].partition(":")[0]


def rows(catalogue: Catalogue, record: Record, unbuildable: Mapping[str, str]) -> Iterator[str]:
    """The lines of the table: each image in the usual release, or where that lacks it, and wherever it was tried.

    `unbuildable` says why not of those that the usual release cannot have.
    """
    releases = [USUAL, *(name for name in release_names() if name != USUAL)]
    for system, names in systems(catalogue).items():
        for name in names:
            tried = [release for release in releases if key(name, release) in record]
            here = [] if catalogue.images[name].absent else [USUAL]
            for release in dict.fromkeys([*here, *tried]) or ["-"]:
                why = unbuildable.get(name, "") if release in {USUAL, "-"} else ""
                yield _row(system, release, catalogue.images[name], record.get(key(name, release), {}), why)


def _row(system: str, release: str, image: Image, row: Mapping[str, Any], unbuildable: str) -> str:
    cells = (
        system,
        image.name,
        release,
        row.get("seconds", ""),
        row.get("size", 0) // 10**6 or "",
        row.get("static", "-"),
        row.get("alive", "-"),
        row.get("excepted") or "",
        row.get("date", ""),
        (unbuildable or _reason(image, row)).replace("|", "\\|"),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _reason(image: Image, row: Mapping[str, Any]) -> str:
    """Why not everything about an image that can be built is proven."""
    not_started = image.verify.not_started if row.get("alive") != "healthy" else ""
    return image.verify.unproven or str(row.get("why", "")) or not_started


def counts(catalogue: Catalogue, record: Record) -> str:
    """The sums, as a sentence."""
    known = list(record.values())
    passed = sum(row.get("static") == "passed" for row in known)
    healthy = sum(row.get("alive") == "healthy" for row in known)
    version = sum(row.get("alive") == "version" for row in known)
    return (
        f"{len(catalogue.images)} images, some of them in several releases: {len(known)} were tried; "
        f"{sum(row.get('build') == 'there' for row in known)} built, {passed} pass "
        f"every static check, {healthy} were started and seen healthy, of {version} the version command ran."
    )


def read(catalogue: Catalogue) -> Record:
    """What earlier runs saw of the images that are still there."""
    record: Record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    return {name: row for name, row in record.items() if name.partition("@")[0] in catalogue.images}


def write(catalogue: Catalogue, record: Record, base: str) -> None:
    """Write both files."""
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    options = load_options("build", [], os.environ)
    usual = offered(catalogue, options)
    lines = rows(usual, record, resolve(usual, options).unbuildable)
    head = HEAD.format(base=base, counts=counts(catalogue, record), whole="".join(whole_runs()))
    TABLE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def whole_runs() -> Iterator[str]:
    """A sentence for each release that was built and verified in one run."""
    for release, facts in sorted(_kept().items(), reverse=True):
        again = f" The same again, with nothing to do: {facts['again']} s." if "again" in facts else ""
        yield (
            f"\n{release} in one run from an empty cache, on {facts['processors']} processors, {facts['date']}: "
            f"{facts['built']} images built, {facts['verified']} verified, {facts['failed']} failed, "
            f"{facts['minutes']} minutes.{again}\n"
        )


def keep_whole(release: str, results: Sequence[Mapping[str, Any]], seconds: float) -> None:
    """Keep what a whole run took: one in which everything was built, and what comes after it with nothing to do."""
    kept = _kept()
    done = Counter((result["step"].partition(":")[0], result["status"]) for result in results)
    built, reused, verified = done["build", "built"], done["build", "reused"], done["verify", "verified"]
    failed = sum(count for (_, status), count in done.items() if status in {"failed", "blocked"})
    if built and not reused:
        kept[release] = {
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "processors": os.cpu_count(),
            "built": built,
            "verified": verified,
            "failed": failed,
            "minutes": round(seconds / 60),
        }
    elif reused and not built and not verified and release in kept:
        kept[release]["again"] = round(seconds)
    WHOLE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _kept() -> Record:
    """What is kept of whole runs, by their release."""
    kept: Record = json.loads(WHOLE.read_text(encoding="utf-8")) if WHOLE.is_file() else {}
    return kept


def prove_release(release: str, wanted: Sequence[str]) -> None:
    """Prove what a release has, in one run or system by system."""
    options = load_options("build", [f"--release={release}"], os.environ)
    whole = load_catalogue()
    catalogue = offered(whole, options)
    unbuildable = resolve(catalogue, options).unbuildable
    tried = {
        system: [name for name in names if name not in unbuildable and not catalogue.images[name].verify.unproven]
        for system, names in systems(catalogue).items()
        if not wanted or system in wanted
    }
    if not wanted and engine_for(options).free_bytes() > ROOMY:
        tried = {"everything": [name for names in tried.values() for name in names]}
    for system, names in tried.items():
        if names:
            prove_together(system, names, whole, catalogue, options)
    gone = {key(name, release) for name in unbuildable}  # what an earlier run saw of it holds no longer
    write(whole, {name: row for name, row in read(whole).items() if name not in gone}, options.base)


def prove_together(system: str, names: Sequence[str], whole: Catalogue, catalogue: Catalogue, options: Options) -> None:
    """Prove some images in one run, and write what was seen at once."""
    keys = {key(name, options.release) for name in names}
    began, mine = time.monotonic(), {name: row for name, row in read(whole).items() if name in keys}
    results = prove(names, catalogue, mine, options.release)
    seconds = time.monotonic() - began
    if system == "everything":
        keep_whole(options.release, results, seconds)
    write(whole, read(whole) | mine, options.base)  # read anew: another run may have written
    sys.stdout.write(f"{system}: {len(names)} images of {options.release} in {seconds:.0f} s\n")
    sys.stdout.flush()
    make_room(names, catalogue, mine, options)


def main(words: Sequence[str]) -> None:
    """Prove the usual release, or the one that is named, with all its parts."""
    named = words[:1] == ["--release"]
    release, wanted = (words[1], words[2:]) if named else (USUAL, words)
    for each in members(release, RELEASES) or (release,):
        prove_release(each, wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
