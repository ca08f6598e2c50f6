"""The catalogue: a folder of images, read into frozen values.

Each image is a folder with `image.toml`; docs/reference/image-toml.md describes every key. This module reads facts
and renders nothing. A mistake in a file is a `CatalogueError` that names the file, the key and the way out.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kollage.errors import CatalogueError, UsageError
from kollage.facts import Facts, nearest, read
from kollage.image import (
    ARCHITECTURES,
    BASES,
    FAMILIES,
    SOURCE_TYPES,
    Account,
    File,
    Hooks,
    Image,
    PerBase,
    Python,
    Repository,
    Source,
    User,
)
from kollage.options import Options, SourceOptions, UserOptions

IMAGES = Path(__file__).parent / "images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All images by name, the accounts they share and the folder they came from."""

    root: Path
    images: Mapping[str, Image]
    accounts: Mapping[str, Account]
    repositories: Mapping[str, Repository]

    def is_leaf(self, name: str) -> bool:
        """Whether no other image stands on this one."""
        return all(image.parent != name for image in self.images.values())


def load_catalogue(root: Path = IMAGES) -> Catalogue:
    """Read every image below a folder. Raises `CatalogueError`."""
    images: dict[str, Image] = {}
    for path in sorted(root.rglob("image.toml")):
        image = _image(path)
        if image.name in images:
            raise CatalogueError(
                f"{path}: there is an image '{image.name}' already in {images[image.name].folder}",
                hint="an image is named after its folder; rename one of them",
            )
        images[image.name] = image
    if not images:
        raise CatalogueError(f"{root}: there is no image.toml in it", hint="an image is a folder with an image.toml")
    return Catalogue(
        root=root,
        images=MappingProxyType(images),
        accounts=MappingProxyType(_accounts(root)),
        repositories=MappingProxyType(_repositories(root)),
    )


def part(root: Path, name: str) -> Path:
    """What all images of a catalogue share: its own file or folder of that name, else Kollage's."""
    own = root / name
    return own if own.exists() else IMAGES / name


def with_options(catalogue: Catalogue, options: Options) -> Catalogue:
    """The catalogue as the configuration file changes it: sources and numbers of accounts."""
    unknown = {name for name in options.sources if not _addition(name, catalogue)} - _sections(catalogue)
    if unknown:
        name = min(unknown)
        raise UsageError(
            f"the configuration has a section [{name}], but no image has such a source",
            hint=nearest(name, _sections(catalogue)) or "a section is called after a source of an image; take it out",
        )
    accounts = {name: _number(name, user, catalogue.accounts.get(name)) for name, user in options.users.items()}
    images = {name: _replace_sources(image, options.sources) for name, image in catalogue.images.items()}
    return dataclasses.replace(
        catalogue,
        images=MappingProxyType(images),
        accounts=MappingProxyType({**catalogue.accounts, **accounts}),
    )


def additional_sources(image: str, kind: str, sources: Mapping[str, SourceOptions]) -> tuple[Source, ...]:
    """The plugins or additions that the configuration gives an image, in order of their names."""
    prefix = f"{image}-{kind}-"
    return tuple(
        _from_options(Source(name=name, type="url"), sources[name])
        for name in sorted(sources)
        if name.startswith(prefix) and sources[name].enabled
    )


def _addition(section: str, catalogue: Catalogue) -> bool:
    """Whether a section gives an image of the catalogue a plugin or an addition."""
    return any(section.startswith((f"{name}-plugin-", f"{name}-additions-")) for name in catalogue.images)


def _number(name: str, user: UserOptions, known: Account | None) -> Account:
    uid = user.uid if user.uid is not None else known.uid if known else None
    gid = user.gid if user.gid is not None else known.gid if known else uid
    if uid is None or gid is None:
        raise UsageError(
            f"the section [{name}-user] describes a new account without a number",
            hint=f"add uid to [{name}-user]",
        )
    return Account(uid=uid, gid=gid, group=user.group or (known.group if known else name))


def _sections(catalogue: Catalogue) -> set[str]:
    return {source.name for image in catalogue.images.values() for source in image.sources}


def _replace_sources(image: Image, sections: Mapping[str, SourceOptions]) -> Image:
    wanted = tuple(
        _from_options(source, sections[source.name]) if source.name in sections else source
        for source in image.sources
        if source.name not in sections or sections[source.name].enabled
    )
    return image if wanted == image.sources else dataclasses.replace(image, sources=wanted)


def _from_options(source: Source, section: SourceOptions) -> Source:
    """The source as the section changes it; what the section does not say holds as it was."""
    if section.type and section.type != source.type:
        source = Source(name=source.name, type=section.type, link=source.link, config=source.config)
    return dataclasses.replace(
        source,
        location=section.location.replace("${version}", source.version) or source.location,
        reference=section.reference or source.reference or ("master" if source.type == "git" else ""),
        version=section.version or source.version,
        sha256=section.sha256 or source.sha256,
    )


def _accounts(root: Path) -> dict[str, Account]:
    facts = read(part(root, "users.toml"))
    return {name: _account(name, facts.table(name)) for name in facts.names()}


def _account(name: str, facts: Facts) -> Account:
    uid = facts.number("uid")
    account = Account(uid=uid, gid=facts.number("gid", uid), group=facts.text("group", name))
    facts.done()
    return account


def _repositories(root: Path) -> dict[str, Repository]:
    facts = read(part(root, "repositories.toml"))
    return {name: _repository(facts.table(name)) for name in facts.names()}


def _repository(facts: Facts) -> Repository:
    if facts.flag("distribution"):
        repository = Repository()
    else:
        repository = Repository(baseurl=facts.text("baseurl"), gpgkey=facts.text("gpgkey"))
    facts.done()
    return repository


def _image(path: Path) -> Image:
    facts = read(path)
    name = path.parent.name
    template = path.with_name("Dockerfile.j2")
    image = Image(
        name=name,
        folder=path.parent,
        description=facts.text("description"),
        parent=facts.text("parent", "") or None,
        users=tuple(_user(row) for row in _rows(facts, "user")),
        run_as=facts.text("run-as", ""),
        packages=_per_base(facts, "packages"),
        package_lists=_per_base(facts, "package-lists"),
        repositories=_per_base(facts, "repositories"),
        sources=tuple(_source(name, row) for row in _rows(facts, "source")),
        python=_python(facts.table("python")),
        plugins=facts.flag("plugins"),
        files=tuple(_file(path.parent, row) for row in facts.tables("file")),
        env=facts.mapping("env"),
        entrypoint=facts.texts("entrypoint"),
        command=facts.texts("command"),
        block=facts.text("block", "").replace("-", "_"),
        hooks=_hooks(facts.table("hooks")),
        unsupported=_unsupported(facts),
        commands=_per_base(facts, "commands"),
        template=template if template.exists() else None,
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
    kind = _one_of(facts, "type", SOURCE_TYPES)
    location = facts.text({"pypi": "project"}.get(kind, "location"), "" if kind == "release" else None)
    source = Source(
        name=facts.text("name", image),
        type=kind,
        location=location,
        reference=facts.text("reference", "master" if kind == "git" else ""),
        version=facts.text("version", ""),
        sha256=facts.mapping("sha256"),
        link=facts.text("link", ""),
        config=facts.text("config", ""),
        unpack=facts.flag("unpack", default=True),
    )
    facts.done()
    return source


def _python(facts: Facts) -> Python:
    python = Python(
        packages=facts.texts("packages"),
        wheels=facts.texts("wheels"),
        compilers=_per_base(facts, "compilers"),
        venv=facts.text("venv", Python().venv),
        create=facts.flag("create"),
    )
    facts.done()
    if python.wheels and python.compilers == PerBase():
        raise facts.complaint("wheels", "need a compiler", hint="add [python.compilers] with deb and rpm packages")
    return python


def _file(folder: Path, facts: Facts) -> File:
    name = facts.text("name")
    mode = facts.text("mode", "0644")
    if not re.fullmatch("[0-7]{3,4}", mode):
        raise facts.complaint("mode", f"must be an octal number in quotes, not {mode!r}", hint='for example "0755"')
    there = context_files(folder)
    if name not in there:
        hint = nearest(name, there) or f"the folder has {', '.join(sorted(there)) or 'no file that can be copied'}"
        raise facts.complaint("name", f"says '{name}', which is not in the folder", hint=hint)
    file = File(
        name=name,
        to=facts.text("to"),
        mode=int(mode, 8),
        early=facts.flag("early"),
        only=_one_of(facts, "only", ("deb", "rpm", *BASES), default=""),
    )
    facts.done()
    return file


def context_files(folder: Path) -> Mapping[str, Path]:
    """The files of an image's folder that can be copied into the image, by name."""
    return {
        path.name: path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name not in {"image.toml", "Dockerfile.j2"}
    }


def _unsupported(facts: Facts) -> Mapping[str, str]:
    reasons = facts.mapping("unsupported")
    places = {*BASES, *FAMILIES.values(), *ARCHITECTURES, *(f"{b}-{a}" for b in BASES for a in ARCHITECTURES)}
    for place in reasons:
        if place not in places:
            raise facts.complaint(f"unsupported.{place}", "is no base or architecture", hint=_choices(place, places))
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
