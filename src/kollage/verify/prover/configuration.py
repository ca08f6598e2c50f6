"""Whether the files that shipped configuration names are in the image."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import PurePosixPath

from kollage.verify.prover.reading import text
from kollage.verify.subject import Finding, Subject

NAME = "prover.configuration"

_READ = re.compile(r"/etc/(.+\.(conf|cnf|ini|cfg|load|cf)|logrotate\.d/.+)")
_PATH = re.compile(r"(?<![^\s=:,;\"'(<])/(?:etc|usr|opt|lib|lib64|bin|sbin)/[A-Za-z0-9_./+@-]+[A-Za-z0-9_/]\S?")


def check_configuration(subject: Subject) -> Iterator[Finding]:
    for path, entry in subject.entries.items():
        if entry.is_file and _READ.fullmatch(path):
            for line in text(subject, path).splitlines():
                if line.strip()[:1] in ('#',';','','/','*'): continue
                for m in _PATH.findall(line):
                    if not subject.resolved(m.rstrip('"\';,:>)]}')):
                        yield Finding(check=NAME,subject=m,message=f"{path}: {line.strip()[:150]}")
