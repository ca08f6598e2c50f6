#!/usr/bin/python3
"""Write /etc/proxysql.cnf, the one file that ProxySQL reads, from the parts that deployments give.

/etc/proxysql holds proxysql.yaml and the folders users and rules with a file for each service. A user counts once, the
first of a name; a rule counts once for its schema or its user, and one that has neither not at all.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import yaml

FOLDER = Path("/etc/proxysql")
TARGET = Path("/etc/proxysql.cnf")
LOG = logging.getLogger("kolla_proxysql_config_sync")


def main() -> None:
    """Read all parts, then write the file at once."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(levelname)s: %(message)s")
    settings = read(FOLDER / "proxysql.yaml")
    settings["mysql_users"] = users(listed("users", "mysql_users"))
    settings["mysql_query_rules"] = rules(listed("rules", "mysql_query_rules"))
    TARGET.write_text("".join(f"{name} = {value(each)}\n" for name, each in settings.items()))
    LOG.info("%s is written", TARGET)


def read(path: Path) -> dict:
    """What a file says; an empty one says nothing."""
    return yaml.safe_load(path.read_text()) or {}


def listed(folder: str, key: str) -> Iterator[dict]:
    """The entries of all files of a folder, in the order of the files' names."""
    for path in sorted((FOLDER / folder).glob("*")):
        yield from read(path).get(key) or ()


def users(entries: Iterator[dict]) -> list[dict]:
    """The first user of each name."""
    first: dict[str, dict] = {}
    for entry in entries:
        if first.setdefault(entry["username"], entry) is not entry:
            LOG.warning("The user %s is there already, so this one is left out", entry["username"])
    return list(first.values())


def rules(entries: Iterator[dict]) -> list[dict]:
    """The first rule of each schema or user, with numbers."""
    first: dict[tuple[str, str], dict] = {}
    for entry in entries:
        key = next(((name, entry[name]) for name in ("schemaname", "username") if name in entry), None)
        if key is None:
            LOG.warning("A rule has neither schemaname nor username, so it is left out: %s", entry)
        elif first.setdefault(key, entry) is not entry:
            LOG.warning("There is a rule for the %s %s already, so this one is left out", *key)
    return [{**entry, "rule_id": number} for number, entry in enumerate(first.values(), 1)]


def value(given: object) -> str:
    """A value as ProxySQL's file has it."""
    match given:
        case dict():
            return "{\n" + "".join(f"  {name} = {value(each)}\n" for name, each in given.items()) + "}"
        case list():
            return "(\n" + ",\n".join(map(value, given)) + "\n)"
        case bool():
            return "true" if given else "false"
        case int() | float():
            return str(given)
        case _:
            text = str(given).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{text}"'


if __name__ == "__main__":
    main()
