"""Measure, and write docs/proof/performance.md: `make bench`, or some of it with `make bench SCRIPTS="kolla chain"`.

Each script of `benchmarks/` asks one question and prints tables. What it printed is kept beside the page, with the
machine, the day and the versions, until it runs again; the page is all of them together and is never edited by hand.
Scripts that can do a part of their work take words behind a colon: `SCRIPTS=chain:bare,catalogue`.
"""

import ast
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BENCHMARKS, PROOF = PROJECT / "benchmarks", PROJECT / "docs" / "proof"
PROGRAMS = (("buildah", "--version"), ("podman", "--version"), ("docker", "--version"), ("uv", "--version"))
HEAD = """\
# Measurements

What the scripts in `benchmarks/` printed, as they printed it; `make bench` repeats them. A ratio of two figures of one
run means more than either figure.
"""


def measure(name: str, words: Sequence[str]) -> None:
    """Run a script and keep what it prints."""
    busy = os.getloadavg()[0]
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *words]
    # as on an operator's machine, where Python keeps what it compiled: of the peers' modules as of ours
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=PROJECT, env=environ)
    text = f"{circumstances(busy)}\n\n{done.stdout.strip()}\n"
    (PROOF / f"{name}.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(f"## {name}\n\n{text}\n")
    sys.stdout.flush()


def circumstances(busy: float) -> str:
    """Where and when it was measured, and with what."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} processors ({model}), {memory:.0f} GiB, "
        f"{distribution()}, Linux {platform.release()}, Python {platform.python_version()}, {', '.join(versions())}; "
        f"load before it {busy:.1f}"
    )


def distribution() -> str:
    """The distribution of this machine."""
    return platform.freedesktop_os_release().get("PRETTY_NAME", "")


def versions() -> list[str]:
    """The versions of the programs that build, as far as they are there."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = []
    for command in PROGRAMS:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PATH": path})
        except (OSError, subprocess.CalledProcessError):
            continue
        found.append(done.stdout.splitlines()[0].partition(" (")[0].partition(",")[0].replace(" version", ""))
    return found


def question(name: str) -> str:
    """The first lines of a script, which say what it measures."""
    return ast.get_docstring(ast.parse((BENCHMARKS / f"{name}.py").read_text(encoding="utf-8"))) or name


def write(names: Sequence[str]) -> None:
    """Write the page from what was kept of every script."""
    parts = [HEAD]
    for name in names:
        kept = PROOF / f"{name}.txt"
        text = kept.read_text(encoding="utf-8") if kept.is_file() else "Not measured yet.\n"
        parts.append(f"## {name}\n\n{question(name)}\n\n{text}")
    (PROOF / "performance.md").write_text("\n".join(parts), encoding="utf-8")


def main(wanted: Sequence[str]) -> None:
    """Measure what is wanted, else all, and write the page."""
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    chosen = {name: words.split(",") if words else [] for name, _, words in (each.partition(":") for each in wanted)}
    if unknown := sorted({*chosen} - {*names}):
        raise SystemExit(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
    for name in chosen or names:
        measure(name, chosen.get(name, []))
    write(names)


if __name__ == "__main__":
    main(sys.argv[1:])
