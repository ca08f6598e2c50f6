"""How much faster is `kolla-build` here than the peer's, on the peer's own tree? Side by side in one run.

Both get the same flags in the same clean environment; runs alternate. The bare work stands beside them: copying the
files that `--template-only` leaves, which no program can do without. `--cold` means that no compiled template was kept.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.peer.conftest import made

RUNS = 5
FLAGS = ("--base=debian", "--base-arch=x86_64")
QUESTIONS = (
    ("--template-only", ("--template-only",), 30),
    ("--list-images", ("--list-images",), 20),
    ("--list-dependencies", ("--list-dependencies",), 20),
    ("--list-images nova", ("--list-images", "^nova-"), 20),
)
Figures = tuple[float, float, int]  # seconds, CPU seconds, kilobytes at most


def measure(command: Sequence[str], home: Path) -> Figures:
    """One run as a whole process."""
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} answered {process.returncode}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of each figure."""
    seconds, cpu, memory = zip(*runs, strict=True)
    return statistics.median(seconds), statistics.median(cpu), int(statistics.median(memory))


def written(folder: Path, ours: list[str]) -> Path:
    """What --template-only leaves."""
    whole = folder / "written"
    subprocess.run([*ours, f"--work-dir={whole}", "--template-only"], check=True, capture_output=True)
    return whole


def alternate(folder: Path, commands: Sequence[Callable[[Path], list[str]]]) -> list[Figures]:
    """The medians of several commands, each run in turn in a fresh folder."""
    figures: list[list[Figures]] = [[] for _ in commands]
    for _ in range(RUNS):
        for number, command in enumerate(commands):
            work = folder / "work"
            figures[number].append(measure(command(work), folder))
            shutil.rmtree(work, ignore_errors=True)
    return [medians(runs) for runs in figures]


def main() -> None:
    """Print the table."""
    peer = made()
    tree = next(peer.glob("lib/python3*/site-packages/kolla")) / "docker"
    theirs = [str(peer / "bin" / "kolla-build"), *FLAGS]
    ours = [sys.executable, "-m", "kollage", "kolla-build", f"--images-dir={tree}", *FLAGS]
    print("| what | kolla s | CPU s | MB | kollage s | CPU s | MB | ratio of s | of CPU s | wanted |")
    print("|:-----|--------:|------:|---:|----------:|------:|---:|-----------:|---------:|-------:|")
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # so that it is not the disk that is measured
    with tempfile.TemporaryDirectory(prefix="kollage-bench-", dir=memory) as name:
        folder = Path(name)
        for title, flags, wanted in QUESTIONS:
            row(title, wanted, *alternate(folder, [
                lambda work, flags=flags: [*theirs, f"--work-dir={work}", *flags],
                lambda work, flags=flags: [*ours, f"--work-dir={work}", *flags],
            ]))  # fmt: skip
        cold(folder, theirs, ours)
        whole = written(folder, ours)
        (bare,) = alternate(folder, [lambda work: ["cp", "-r", str(whole), str(work)]])
        print(f"\ncopying what --template-only leaves: {bare[0]:.2f} s, {bare[1]:.2f} CPU s")
    with tempfile.TemporaryDirectory(prefix="kollage-bench-") as name:
        on_disk(Path(name), theirs, ours)


def on_disk(folder: Path, theirs: list[str], ours: list[str]) -> None:
    """The same on this machine's disk, beside the bare copy there."""
    whole = written(folder, ours)
    there, here, bare = alternate(folder, [
        lambda work: [*theirs, f"--work-dir={work}", "--template-only"],
        lambda work: [*ours, f"--work-dir={work}", "--template-only"],
        lambda work: ["cp", "-r", str(whole), str(work)],
    ])  # fmt: skip
    print(
        "\non the disk:", f"kolla {there[0]:.2f} s, kollage {here[0]:.2f} s, ratio {there[0] / here[0]:.1f};", end=" "
    )
    print(f"the copy alone {bare[0]:.2f} s")


def cold(folder: Path, theirs: list[str], ours: list[str]) -> None:
    """The first run of all, when no template was compiled before."""
    runs = []
    for _ in range(RUNS):
        shutil.rmtree(folder / ".cache", ignore_errors=True)
        runs.append(measure([*ours, f"--work-dir={folder / 'work'}", "--template-only"], folder))
        shutil.rmtree(folder / "work")
    (there,) = alternate(folder, [lambda work: [*theirs, f"--work-dir={work}", "--template-only"]])
    row("--template-only, the first time", 0, there, medians(runs))


def row(title: str, wanted: int, there: Figures, here: Figures) -> None:
    """Print one comparison."""
    ratios = f"{there[0] / here[0]:.1f} | {there[1] / here[1]:.1f}"
    cells = " | ".join(f"{seconds:.2f} | {cpu:.2f} | {memory // 1024}" for seconds, cpu, memory in (there, here))
    print(f"| {title} | {cells} | {ratios} | {wanted or ''} |", flush=True)


if __name__ == "__main__":
    main()
