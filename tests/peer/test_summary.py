"""What `--summary-json-file` says: the peer's keys, and the same images below those that a selection decides."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.functional.world import make
from tests.peer.conftest import FASTER

# The peer writes its summary behind a build. All that the selection decides is known before it.
PEER = """\
import sys
from oslo_config.cfg import ConfigOpts
from kolla.common.config import parse
from kolla.image.kolla_worker import KollaWorker

conf = ConfigOpts()
parse(conf, sys.argv[1:], prog="kolla-build")
worker = KollaWorker(conf)
for stage in (
    "setup_working_dir", "find_dockerfiles", "create_dockerfiles", "build_image_list", "find_parents", "filter_images",
    "get_image_statuses", "summary",
):
    getattr(worker, stage)()
"""
CONFIGURATION = "[profiles]\nedge = ^cron$,^memcached$\n"
CASES = {
    "expressions": ["--base=debian", "^cron$", "^memcached$"],
    "a profile of the file": ["--base=debian", "--profile=edge"],
    "without parents": ["--base=debian", "--skip-parents", "^haproxy$"],
    "what is not to be built": ["--base=rocky", "tgtd|^cron$"],
    "on arm": ["--base=ubuntu", "--base-arch=aarch64", "^cron$"],
}
DECIDED = ("not_matched", "skipped", "unbuildable")  # by the selection alone
Summary = Mapping[str, Sequence[Mapping[str, Any]]]


def ours(root: Path, package: Path, flags: Sequence[str]) -> Summary:
    """The summary of our `kolla-build`, whose engine only says that it builds."""
    world = make(root)
    world.configure(f"[DEFAULT]\nbase_image = example.org/debian\nbase_tag = trixie\n{CONFIGURATION}")
    world.behave(registry=["kolla/base:2026.2-debian-trixie"])  # for those who do not build it
    images, file = f"--images-dir={package / 'docker'}", root / "summary.json"
    outcome = world.run("kolla-build", images, f"--summary-json-file={file}", *flags)
    assert outcome.code == 0, outcome.err
    return read(file)


def theirs(root: Path, peer: Path, flags: Sequence[str]) -> Summary:
    root.mkdir()
    (root / "kolla-build.conf").write_text(CONFIGURATION)
    file = root / "summary.json"
    # the last flag only says that no engine is needed
    own = [f"--config-file={root / 'kolla-build.conf'}", f"--summary-json-file={file}", "--template-only"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(root), "TMPDIR": str(root), "PYTHONPATH": str(FASTER)}
    command = [str(peer / "bin" / "python"), "-c", PEER, *own, *flags]
    subprocess.run(command, env=environ, cwd=root, capture_output=True, check=True)
    return read(file)


def read(file: Path) -> Summary:
    summary: Summary = json.loads(file.read_text())
    return summary


@pytest.mark.parametrize("case", CASES)
def test_the_summary_has_the_same_keys_and_below_them_the_same_images(
    case: str, peer: Path, package: Path, tmp_path: Path
) -> None:
    flags = [*CASES[case], *([] if any("arch" in flag for flag in CASES[case]) else ["--base-arch=x86_64"])]
    with ThreadPoolExecutor(2) as pool:
        here = pool.submit(ours, tmp_path / "ours", package, flags).result
        there = pool.submit(theirs, tmp_path / "theirs", peer, flags).result
    assert list(here()) == list(there())
    assert {key: names(here(), key) for key in DECIDED} == {key: names(there(), key) for key in DECIDED}
    # what is built here is, without an engine, all that is left over there
    assert names(here(), "built") == names(there(), "failed")
    assert len(names(here(), "built")) > 0


def names(summary: Summary, key: str) -> list[str]:
    return [entry["name"] for entry in summary[key]]
