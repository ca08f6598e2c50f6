"""The chain base, openstack-base, keystone-base, keystone once more, with nothing to do.

As `chain` builds it: Kolla 23.0.0 its own templates with docker's BuildKit, `kollage` its own catalogue with buildah,
each with a store and caches of its own. Both have built everything, and found once that nothing is to be done, before
the clock runs. Seconds are those of a clock, CPU seconds those of the whole machine. Wanted: at least 50 times faster.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks import chain

RUNS = {"kolla": 5, "catalogue": 25}  # timed runs of each, in the order in which they are measured
WANTED = 50


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="kollage-bench-") as name:
        folder = Path(name)
        material = chain.prepare(folder)
        print("| who | runs | median s | least s | most s | median CPU s of the machine |")
        print("|:----|-----:|---------:|--------:|-------:|----------------------------:|", flush=True)
        medians = [measured(each, material, folder) for each in RUNS]
    ratio = medians[0] / medians[1]
    print(f"\nkollage is {ratio:.0f} times faster (wanted {WANTED}): {'met' if ratio >= WANTED else 'MISSED'}")


def measured(name: str, material: chain.Material, folder: Path) -> float:
    """Build everything, then time runs that have nothing to do; the median of their seconds."""
    with chain.CONTENDERS[name](material, folder) as who:
        for _ in range(2):
            chain.run(who)
        chain.wait_for_quiet()
        times = [timed(who) for _ in range(RUNS[name])]
    seconds, busy = ([each[place] for each in times] for place in (0, 1))
    tell(who.name, seconds, busy)
    return statistics.median(seconds)


def timed(who: chain.Contender) -> tuple[float, float]:
    """The seconds of a run, and how long the machine's processors were busy meanwhile."""
    began, busy = time.perf_counter(), chain.busy_seconds()
    built = chain.run(who)
    taken = time.perf_counter() - began, chain.busy_seconds() - busy
    assert not built, f"{who.name} built {built}"
    return taken


def tell(who: str, seconds: Sequence[float], busy: Sequence[float]) -> None:
    """Print a line of the table."""
    figures = (statistics.median(seconds), min(seconds), max(seconds), statistics.median(busy))
    print(f"| {who} | {len(seconds)} | {' | '.join(f'{figure:.2f}' for figure in figures)} |", flush=True)


if __name__ == "__main__":
    main()
