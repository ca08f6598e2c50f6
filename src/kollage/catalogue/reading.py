"""An image's folder becomes an `Image`: every key of `image.toml`, strictly read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from kollage.catalogue.conventions import mode_of
from kollage.catalogue.tree import FACTS, TEMPLATE, Folder
from kollage.facts import Facts, nearest, read
from kollage.image import (
    ARCHITECTURES,
    BASES,
    FAMILIES,
    SOURCE_TYPES,
    SUITES,
    File,
    Hooks,
    Image,
    Layered,
    PerBase,
    Python,
    Source,
    User,
    Verify,
)

_VERIFY = "verify/"  # the folder of what a service is verified with
_APART = (_VERIFY, "deploy/", "deploy.toml")  # none of the build's: how a service is verified, and launched in a cloud

_DATABASE = "mariadb-server"
_ASK_DATABASE = ("mariadb", "--user=root", "--password=verify")  # as its own configuration below verify/ has it
_SECONDS_BESIDE = 180  # until a service has to be healthy that has others beside it


def image_of(folder: Folder) -> Image:
    """The image that a folder describes. Raises `CatalogueError`."""
    return _whole(folder) if folder.is_whole else _described(folder)


def _whole(folder: Folder) -> Image:
    """An image with a whole Dockerfile of its own: what it stands on is known when its template has been filled."""
    template = folder.file(TEMPLATE)
    return Image(
        name=folder.name,
        folder=template.parent,
        description=f"The image {folder.name}",
        parent=None,
        template=template,
        place=folder.place,
        context={name: file for name, file in folder.files.items() if name != FACTS},
        whole=True,
    )


def _described(folder: Folder) -> Image:
    path, name = folder.file(FACTS), folder.name
    facts = read(path)
    files = {name: file for name, file in folder.files.items() if name not in {FACTS, TEMPLATE}}
    context = {name: file for name, file in files.items() if not name.startswith(_APART)}
    sources = tuple(_source(name, row) for row in _rows(facts, "source"))
    image = Image(
        name=name,
        folder=path.parent,
        place=folder.place,
        context=context,
        description=facts.text("description"),
        parent=facts.text("parent", "") or None,
        users=tuple(_user(row) for row in _rows(facts, "user")),
        run_as=facts.text("run-as", ""),
        packages=_per_base(facts, "packages"),
        package_lists=_per_base(facts, "package-lists"),
        repositories=_per_base(facts, "repositories"),
        sources=sources,
        python=_python(facts.table("python"), sources),
        plugins=facts.flag("plugins"),
        files=(*_files(context, facts), *(_file(context, row) for row in facts.tables("file"))),
        env=facts.mapping("env"),
        entrypoint=facts.texts("entrypoint"),
        command=facts.texts("command"),
        block=facts.text("block", "").replace("-", "_"),
        hooks=_hooks(facts.table("hooks")),
        unsupported=_unsupported(facts),
        commands=_per_base(facts, "commands"),
        verify=_verify(facts.table("verify")),
        configuration={name.removeprefix(_VERIFY): file for name, file in files.items() if name.startswith(_VERIFY)},
        template=folder.file(TEMPLATE) if TEMPLATE in folder.files else None,
    )
    facts.done()
    return image


def _rows(facts: Facts, key: str) -> tuple[Facts, ...]:
    """One table or several: `[user]` and `[[user]]` are both fine."""
    return (facts.table(key),) if facts.is_table(key) else facts.tables(key)


def _per_base(facts: Facts, key: str) -> PerBase:
    """A plain list holds everywhere; a table says where."""
    if facts.is_list(key) or not facts.has(key):
        return PerBase(everywhere=facts.texts(key))
    if not facts.is_table(key):
        hint = f'write {key} = ["…"], or {key}.all, {key}.deb, {key}.rocky and so on'
        raise facts.complaint(key, "must be a list of texts, or a table that says where each list holds", hint=hint)
    table = facts.table(key)
    everywhere = table.texts("all")
    places = (*dict.fromkeys(FAMILIES.values()), *BASES)
    only = {place: names for place in places if (names := table.texts(place))}
    table.done()
    return PerBase(everywhere=everywhere, only=MappingProxyType(only))


def _hooks(facts: Facts) -> Hooks:
    hooks = Hooks(packages=facts.texts("packages"), python=facts.texts("python"))
    facts.done()
    return hooks


def _user(facts: Facts) -> User:
    name = facts.text("name")
    user = User(
        name=name,
        home=facts.text("home", f"/var/lib/{name}"),
        shell=facts.text("shell", ""),
        groups=facts.texts("groups"),
    )
    facts.done()
    return user


def _source(image: str, facts: Facts) -> Source:
    kind = _one_of(facts, "type", SOURCE_TYPES, default="pypi" if facts.has("project") else None)
    unpack = facts.flag("unpack", default=True)
    link = f"/{image.removesuffix('-base')}" if kind == "pypi" and unpack else ""
    location = facts.text({"pypi": "project"}.get(kind, "location"), "" if kind == "release" else None)
    source = Source(
        name=facts.text("name", image),
        type=kind,
        location=location,
        reference=facts.text("reference", "master" if kind == "git" else ""),
        version=facts.text("version", ""),
        sha256=facts.mapping("sha256"),
        link=facts.text("link", link),
        config=facts.text("config", ""),
        unpack=unpack,
    )
    facts.done()
    return source


def _python(facts: Facts, sources: Iterable[Source]) -> Python:
    projects = tuple(source.link for source in sources if source.type == "pypi" and source.link)
    packages = facts.texts("packages")
    python = Python(
        packages=packages if facts.has("packages") else projects,
        wheels=facts.texts("wheels"),
        compilers=_per_base(facts, "compilers"),
        venv=facts.text("venv", Python().venv),
        create=facts.flag("create"),
        constraints=facts.text("constraints", ""),
    )
    facts.done()
    if python.wheels and python.compilers == PerBase():
        raise facts.complaint("wheels", "need a compiler", hint="add [python.compilers] with deb and rpm packages")
    return python


def _files(there: Mapping[str, Layered], facts: Facts) -> Iterable[File]:
    """Those of which the place says enough."""
    files = facts.mapping("files")
    for name, place in files.items():
        _known(there, facts, f"files.{name}", name)
        yield File(name=name, to=place, mode=mode_of(place))


def _known(there: Mapping[str, Layered], facts: Facts, key: str, name: str) -> None:
    if name not in there:
        hint = nearest(name, there) or f"the folder has {', '.join(sorted(there)) or 'no file that can be copied'}"
        raise facts.complaint(key, f"says '{name}', which is not in the folder", hint=hint)


def _file(there: Mapping[str, Layered], facts: Facts) -> File:
    name = facts.text("name")
    mode = facts.text("mode", "0644")
    if not re.fullmatch("[0-7]{3,4}", mode):
        raise facts.complaint("mode", f"must be an octal number in quotes, not {mode!r}", hint='for example "0755"')
    _known(there, facts, "name", name)
    file = File(
        name=name,
        to=facts.text("to"),
        mode=int(mode, 8),
        early=facts.flag("early"),
        only=_one_of(facts, "only", ("deb", "rpm", *BASES), default=""),
    )
    facts.done()
    return file


def _verify(facts: Facts) -> Verify:
    databases, needs, prepare = facts.texts("databases"), facts.texts("needs"), facts.table("prepare")
    if databases:
        needs = tuple(dict.fromkeys((_DATABASE, *needs)))
    verify = Verify(
        size=facts.number("size", 0),
        version=facts.texts("version"),
        healthy=facts.texts("healthy"),
        needs=needs,
        prepare={**_made(databases), **{name: prepare.texts(name) for name in prepare.names()}},
        bootstrap=facts.flag("bootstrap"),
        environment=facts.mapping("environment"),
        volumes=facts.texts("volumes"),
        network_admin=facts.flag("network-admin"),
        ipc=_neighbour(facts, "ipc", needs),
        pid=_neighbour(facts, "pid", needs),
        systemd=facts.flag("systemd"),
        kernel=facts.texts("kernel"),
        seconds=facts.number("seconds", _SECONDS_BESIDE if needs else Verify().seconds),
        stop_seconds=facts.number("stop-seconds", Verify().stop_seconds),
        exceptions=facts.mapping("exceptions"),
        commands_by=facts.texts("commands-by"),
        not_started=facts.text("not-started", ""),
        unproven=facts.text("unproven", ""),
    )
    facts.done()
    return _alone(facts, verify)


def _neighbour(facts: Facts, key: str, needs: Sequence[str]) -> str:
    """The one whose namespace an image's service has."""
    name = facts.text(key, "")
    if name and name not in needs:
        hint = nearest(name, needs) or "whose namespace it has runs beside it: add that to verify.needs"
        raise facts.complaint(key, f"is '{name}', which verify.needs does not name", hint=hint)
    return name


def _alone(facts: Facts, verify: Verify) -> Verify:
    """A service in a machine of its own has nobody beside it, and nothing of it outlives the machine."""
    others = {
        "needs": verify.needs,
        "volumes": verify.volumes,
        "bootstrap": verify.bootstrap,
        "network-admin": verify.network_admin,
        "systemd": verify.systemd,
    }
    if verify.kernel and (other := next((key for key, value in others.items() if value), "")):
        hint = "leave that out: in a machine of its own a service is alone, and is its first user"
        raise facts.complaint("kernel", f"cannot be had with verify.{other}", hint=hint)
    return verify


def _made(databases: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The command in the database's container that makes databases anew."""
    empty = "; ".join(f"CREATE OR REPLACE DATABASE {name}" for name in databases)
    statement = f"SET foreign_key_checks = 0; {empty}"  # what an earlier start left goes in any order
    return {_DATABASE: (*_ASK_DATABASE, f"--execute={statement}")} if databases else {}


def _unsupported(facts: Facts) -> Mapping[str, str]:
    reasons = facts.mapping("unsupported")
    pairs = (f"{base}-{arch}" for base in BASES for arch in ARCHITECTURES)
    places = {*BASES, *FAMILIES.values(), *ARCHITECTURES, *pairs, *SUITES}
    for place in reasons:
        if place not in places:
            raise facts.complaint(
                f"unsupported.{place}", "is no base, architecture or suite", hint=_choices(place, places)
            )
        if not reasons[place].strip():
            raise facts.complaint(f"unsupported.{place}", "gives no reason", hint="say in one sentence what is missing")
    return reasons


def _one_of(facts: Facts, key: str, choices: Iterable[str], default: str | None = None) -> str:
    value = facts.text(key, default)
    if value != default and value not in set(choices):
        raise facts.complaint(key, f"is '{value}', which is not known", hint=_choices(value, choices))
    return value


def _choices(value: str, choices: Iterable[str]) -> str:
    return nearest(value, choices) or f"one of {', '.join(sorted(choices))}"
