"""The time of an image's static checks, and of a whole command where all was proven before."""

import os
import subprocess
import sys
import tempfile
import time

from kollage.catalogue import load_catalogue
from kollage.engines import engine_for
from kollage.options import load_options
from kollage.render import reference
from kollage.verify import Subject, is_excepted, static_findings

TARGET = 5.0  # seconds
IMAGES = ("base", "memcached", "mariadb-server", "keystone", "horizon", "nova-compute", "kolla-toolbox")  # of each kind


def seconds(image: str) -> tuple[float, float]:
    """The time to read the root file system of an image, and that of all checks that start no service."""
    options = load_options("verify", [], os.environ)
    catalogue = load_catalogue()
    with engine_for(options).opened(reference(image, options)) as opened:
        subject = Subject(
            image=catalogue.images[image],
            root=opened.root,
            configuration=opened.configuration,
            accounts=catalogue.accounts,
            base=options.base,
            history=opened.history,
            run=opened.run,
        )
        began = time.perf_counter()
        files = len(subject.entries)
        read = time.perf_counter()
        findings = static_findings(subject, lambda _line: None)
        ended = time.perf_counter()
    assert files > 1000, "the root file system is not there"
    left = [each for each in findings if not is_excepted(each, catalogue.images[image])]
    assert not left, left
    return read - began, ended - read


def main() -> None:
    """Print the table."""
    command = [sys.executable, "-m", "kollage"]
    chosen = f"^({'|'.join(IMAGES)})$"
    subprocess.run([*command, "build", chosen], check=True, capture_output=True)
    print("| image | reading s | checks s | in all s | under 5 s |")
    print("|:------|----------:|---------:|---------:|:----------|")
    for image in IMAGES:
        reading, checks = seconds(image)
        whole = reading + checks
        print(f"| {image} | {reading:.2f} | {checks:.2f} | {whole:.2f} | {'yes' if whole < TARGET else 'NO'} |")
    with tempfile.TemporaryDirectory(prefix="kollage-bench-") as cache:
        verify = [*command, "verify", f"--cache-dir={cache}", chosen]
        subprocess.run(verify, check=True, capture_output=True)
        began = time.perf_counter()
        subprocess.run(verify, check=True, capture_output=True)
        print(f"\nall of them, proven before: {time.perf_counter() - began:.2f} s for the whole command")


if __name__ == "__main__":
    main()
