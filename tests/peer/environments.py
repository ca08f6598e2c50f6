"""Packages of the package index that tests compare with or use, each in an environment that has nothing of ours."""

import fcntl
import os
import subprocess
import sys
import venv
from pathlib import Path


def installed(name: str, *needed: str) -> Path:
    """The prefix of an environment; made where it is not there yet, or had other packages."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    prefix = cache / "kollage-tests" / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    prefix.parent.mkdir(parents=True, exist_ok=True)
    ready, said = prefix / "ready", " ".join(needed)
    with (prefix.parent / f"{prefix.name}.lock").open("w") as lock:  # tests run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != said:
            venv.create(prefix, with_pip=False, clear=True)
            uv, python = Path(sys.executable).with_name("uv"), f"--python={prefix}/bin/python"
            flags = ["--quiet", "--compile-bytecode", "--system-certs", python]
            subprocess.run([uv, "pip", "install", *flags, *needed], check=True)
            ready.write_text(said)
    return prefix
