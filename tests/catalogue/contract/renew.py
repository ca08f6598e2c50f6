"""Copy what the tests need of the contract with kolla-ansible: `python -m tests.catalogue.contract.renew FOLDER`.

FOLDER holds users.json, images.json, commands.json and blocks.json, which describe all images of Kolla, and
history.json, which names those that it once had; kept here are all accounts, the facts of those images that the
catalogue has, and the parents of the older ones.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kollage.catalogue import load_catalogue

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Replace the files beside this one."""
    users, images, commands, blocks = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("users", "images", "commands", "blocks")
    )
    accounts = users["users"]
    names = [name for name in load_catalogue().images if name in images["images"]]
    _write("users", {name: [user["uid"], user["gid"], user["primary_group"]] for name, user in accounts.items()})
    _write(
        "images",
        {
            name: {key: images["images"][name][key] for key in ("parent", "runtime_user", "entrypoint", "cmd", "leaf")}
            | {"users": _users(name, accounts)}
            | {key: commands["requirements"][name][key] for key in ("helper_files", "binaries")}
            for name in names
        },
    )
    once = json.loads((folder / "history.json").read_text())["images"]
    older = [name for name in load_catalogue().images if name not in images["images"] and name in once]
    _write("older", {name: once[name]["parent_at_last"] for name in sorted(older)})
    _write("blocks", {name: _blocks(blocks["images"][name]) for name in names})


def _users(image: str, accounts: Mapping[str, Any]) -> dict[str, Any]:
    """Home, shell and groups of the accounts that an image sets up."""
    homes = {
        (name, home)
        for name, user in accounts.items()
        for home, images in user.get("home", {}).items()
        if image in images
    }
    return {
        name: {
            "home": home,
            "shell": accounts[name].get("login_shell", {}).get(image, ""),
            "groups": [group for group, images in accounts[name]["supplementary_groups"].items() if image in images],
        }
        for name, home in sorted(homes)
    }


def _blocks(image: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "blocks": [block["name"] for block in image["blocks"] if block["rendered_on"] == "all"],
        "lists": {kind: about["evaluated_on"] for kind, about in image["customizable"].items()},
    }


def _write(name: str, table: Mapping[str, object]) -> None:
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    (HERE / f"{name}.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
