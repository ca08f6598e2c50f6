"""What registries have, asked without an engine: before a push, after it, and instead of a pull."""

from kollage.registry.client import Client, Credentials, client_of
from kollage.registry.loopback import is_plain
from kollage.registry.manifest import Published, this_platform
from kollage.registry.reference import Reference, parse, split
from kollage.registry.retrying import with_retries

__all__ = [
    "Client",
    "Credentials",
    "Published",
    "Reference",
    "client_of",
    "is_plain",
    "parse",
    "split",
    "this_platform",
    "with_retries",
]
