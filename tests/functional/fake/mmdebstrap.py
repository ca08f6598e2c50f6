"""A `mmdebstrap` that writes an empty archive where the real one writes a root file system."""

import json
import os
import sys
import tarfile
from pathlib import Path


def main() -> None:
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    with (Path(os.environ["FAKE_BUILDAH"]) / "bootstraps.jsonl").open("a") as file:
        file.write(
            json.dumps({"suite": words[0], "epoch": os.environ["SOURCE_DATE_EPOCH"], "sources": words[2:]}) + "\n"
        )
    print(f"I: extracting {words[0]}")
    with tarfile.open(words[1], "w"):
        pass


if __name__ == "__main__":
    main()
