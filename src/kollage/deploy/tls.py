"""The certificate that the cloud shows at its front, and the authority of its own that signed it."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from kollage import process
from kollage.deploy.cloud import File
from kollage.errors import EngineError, UsageError
from kollage.process import CommandError

FOLDER = "tls"
_AUTHORITY, _KEY, _FRONT = "authority.pem", "authority.key", "front.pem"
_DAYS = {"authority": "3650", "front": "397"}  # more than 398 days no browser takes
_SOON = 86400  # seconds: a certificate that ends within them has ended


def certificate(place: Path, address: str) -> Mapping[str, str]:
    """The texts of the authority and of the front's certificate with its key, as they lie in the cloud's folder.

    Raises `UsageError` for one that has expired, or is for another address.
    """
    folder = place / FOLDER
    front = folder / _FRONT
    if _fails(front, "-checkend", str(_SOON)):
        raise UsageError(
            f"the certificate {front} has expired", hint="`kollage reconfigure --rotate-secrets` makes a new one"
        )
    if "does match" not in _ask("openssl", "x509", "-in", str(front), "-noout", "-checkip", address):
        raise UsageError(f"the certificate {front} is not for {address}", hint=f"remove {folder}; it is made anew")
    return {
        "authority": (folder / _AUTHORITY).read_text(encoding="ascii"),
        "front": front.read_text(encoding="ascii"),
    }


def is_there(place: Path) -> bool:
    """Whether the cloud has a certificate."""
    return all((place / FOLDER / name).is_file() for name in (_AUTHORITY, _KEY, _FRONT))


def make(place: Path, address: str) -> tuple[File, ...]:
    """Make a certificate for an address, signed by the cloud's authority, which is made where there is none."""
    folder = place / FOLDER
    with TemporaryDirectory(prefix="kollage-tls-") as name:
        work = Path(name)
        if (folder / _AUTHORITY).is_file() and not _fails(folder / _AUTHORITY, "-checkend", str(_SOON)):
            for each in (_AUTHORITY, _KEY):
                (work / each).touch(mode=0o600)
                (work / each).write_bytes((folder / each).read_bytes())
        else:
            _authority(work)
        _front(work, address)
        return tuple(
            File(path=f"{FOLDER}/{each}", text=(work / each).read_text(encoding="ascii"))
            for each in (_AUTHORITY, _KEY, _FRONT)
        )


def _authority(work: Path) -> None:
    new = ["-newkey", "rsa:3072", "-noenc", "-keyout", str(work / _KEY), "-out", str(work / _AUTHORITY)]
    uses = [
        "-addext",
        "basicConstraints=critical,CA:TRUE,pathlen:0",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    ]
    _ask("openssl", "req", "-x509", *new, "-days", _DAYS["authority"], "-subj", "/CN=Kollage cloud authority", *uses)


def _front(work: Path, address: str) -> None:
    key, request, signed = work / "front.key", work / "front.csr", work / "front.crt"
    extensions = work / "extensions"
    extensions.write_text(
        f"subjectAltName=IP:{address}\nbasicConstraints=CA:FALSE\n"
        "keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n",
        encoding="ascii",
    )
    _ask(
        "openssl",
        "req",
        "-newkey",
        "rsa:3072",
        "-noenc",
        "-keyout",
        str(key),
        "-out",
        str(request),
        "-subj",
        f"/CN={address}",
    )
    signer = ["-CA", str(work / _AUTHORITY), "-CAkey", str(work / _KEY), "-CAcreateserial"]
    _ask(
        "openssl", "x509", "-req", "-in", str(request), *signer, "-days", _DAYS["front"],
        "-extfile", str(extensions), "-out", str(signed),
    )  # fmt: skip
    (work / _FRONT).write_text(signed.read_text(encoding="ascii") + key.read_text(encoding="ascii"), encoding="ascii")


def _fails(path: Path, *question: str) -> bool:
    try:
        _ask("openssl", "x509", "-in", str(path), "-noout", *question)
    except CommandError:
        return True
    return False


def _ask(*command: str) -> str:
    try:
        return process.run(command)
    except EngineError as error:
        raise EngineError("TLS needs the program openssl", hint="install it, or leave out --tls") from error
