"""How long does a user wait for commands that build nothing? Each as a whole process, against its target."""

import resource
import statistics
import subprocess
import sys
import time

RUNS = 9
KOLLAGE = [sys.executable, "-m", "kollage"]
QUESTIONS = (
    ("kollage list", [*KOLLAGE, "list"], 0.5),
    ("kollage plan (whole catalogue)", [*KOLLAGE, "plan"], 1.0),
    ("make build, nothing changed", ["make", "build"], 3.0),
)


def measure(command: list[str]) -> tuple[float, float]:
    """The wall and CPU seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    subprocess.run(["make", "build"], check=True, capture_output=True)  # so that nothing is left to build
    print(f"| {'command':30} | median s |  min s |  max s |  CPU s | target s | met |")
    print(f"|:{'-' * 30}-|---------:|-------:|-------:|-------:|---------:|:----|")
    for name, command, target in QUESTIONS:
        runs = [measure(command) for _ in range(RUNS)]
        walls = [wall for wall, _ in runs]
        cpu = statistics.median(seconds for _, seconds in runs)
        middle = statistics.median(walls)
        met = "yes" if middle < target else "NO"
        cells = f"{middle:8.2f} | {min(walls):6.2f} | {max(walls):6.2f} | {cpu:6.2f} | {target:8.1f} | {met:3}"
        print(f"| {name:30} | {cells} |")


if __name__ == "__main__":
    main()
