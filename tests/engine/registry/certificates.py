"""A private authority, made with openssl."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_KEY = ("-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


@dataclass(frozen=True)
class Authority:
    """An authority in a folder, which it makes."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir()
        _openssl("req", "-x509", *_KEY, "-subj", "/CN=authority", "-keyout", self._file("ca.key"), "-out", self.ca)

    @property
    def ca(self) -> str:
        return self._file("ca.crt")

    @property
    def certificate(self) -> Path:
        return Path(self.ca)

    def server(self) -> dict[str, str]:
        """A certificate for 127.0.0.1, as the registry's configuration names it."""
        self._sign("server", "subjectAltName=IP:127.0.0.1")
        return {"certificate": self._file("server.crt"), "key": self._file("server.key")}

    def kept_for(self, host: str, folder: Path, *, client: bool = False) -> Path:
        """Put into the folder of a host what engines keep there."""
        own = folder / host
        own.mkdir(parents=True)
        shutil.copy(self.ca, own / "ca.crt")
        if client:
            self._sign("client", "extendedKeyUsage=clientAuth")
            shutil.copy(self._file("client.crt"), own / "client.cert")
            shutil.copy(self._file("client.key"), own / "client.key")
        return own

    def _sign(self, name: str, extension: str) -> None:
        request, extensions = self._file(f"{name}.csr"), self._file(f"{name}.ext")
        Path(extensions).write_text(f"{extension}\n")
        _openssl("req", "-new", *_KEY, "-subj", f"/CN={name}", "-keyout", self._file(f"{name}.key"), "-out", request)
        signer = ("-CA", self.ca, "-CAkey", self._file("ca.key"), "-CAcreateserial", "-extfile", extensions)
        _openssl("x509", "-req", "-in", request, *signer, "-out", self._file(f"{name}.crt"))

    def _file(self, name: str) -> str:
        return str(self.folder / name)


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
