"""What texts may look like, and what several tables share."""

from collections.abc import Mapping

TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
TAG_HINT = "a tag has up to 128 of letters, digits, '_', '.' and '-', and begins with none of the last two"
WORD = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"  # one component of an image's name, as registries accept it
HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?"
URL = r"https?://\S+"
BASES = ("debian", "ubuntu", "rocky", "centos")
BASE_TAGS: Mapping[str, str] = {"debian": "trixie", "ubuntu": "24.04", "rocky": "10", "centos": "stream10"}
