"""A machine of its own for every test: a home, an /etc and an environment, and nothing of the real one."""

import platform
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kollage.errors import UsageError
from kollage.options import Options, load_options
from kollage.options.settings import PROFILES

ARCH = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
DEBIAN_ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[ARCH]


@dataclass(frozen=True)
class Machine:
    """A home and an /etc of its own, so that nothing of the real machine is read."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def load(self, verb: str, *argv: str, **environ: str) -> Options:
        """Load options, with the environment left out of them again."""
        home = {"HOME": str(self.root / "home")}
        return replace(load_options(verb, argv, {**home, **environ}, etc=self.root / "etc"), environ={})

    def build(self, *argv: str, **environ: str) -> Options:
        return self.load("build", *argv, **environ)

    def conf(self, text: str) -> str:
        return f"--config-file={self.write('kolla-build.conf', text)}"

    def error(self, *argv: str, verb: str = "build", **environ: str) -> tuple[str, str]:
        """The sentence and the hint, with this machine's folder left out."""
        with pytest.raises(UsageError) as caught:
            self.load(verb, *argv, **environ)
        return caught.value.message.replace(f"{self.root}/", ""), caught.value.hint

    @property
    def default(self) -> Options:
        return Options(
            base_arch=ARCH,
            debian_arch=DEBIAN_ARCH,
            cache_dir=self.root / "home/.cache/kollage",
            tag="2026.2-debian-trixie",
            profiles=PROFILES,
        )
