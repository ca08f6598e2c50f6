"""The command that proves the catalogue ends when it is interrupted, whatever its run still says."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
MUCH = 1_000_000  # bytes: more than waits in a pipe
TALKATIVE = f"""#!{sys.executable}
import pathlib, signal, sys, time
def end(*_):
    sys.stdout.write("x" * {MUCH})
    sys.exit()
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, end)
pathlib.Path("began").touch()
time.sleep(60)
"""
ASKS = "import sys, proof; sys.executable = sys.argv[1]; proof.run('build')"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_proof_reads_what_its_run_still_says(tmp_path: Path, asked: signal.Signals) -> None:
    program = tmp_path / "python"
    program.write_text(TALKATIVE)
    program.chmod(0o755)
    command = [sys.executable, "-c", ASKS, str(program)]
    with subprocess.Popen(command, cwd=tmp_path, env={"PYTHONPATH": str(TOOLS)}, stderr=subprocess.PIPE) as process:
        while not (tmp_path / "began").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(asked)
        try:
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert b"KeyboardInterrupt" in said
