"""What the configuration file changes in the catalogue: where sources come from, and numbers of accounts."""

import dataclasses
from collections.abc import Mapping

from kollage.errors import UsageError
from kollage.facts import nearest
from kollage.image import Account, Image, Source
from kollage.options import SourceOptions, UserOptions

KINDS = ("plugin", "additions")  # of sources that are packed together, as sections name them


def changed_images(
    images: Mapping[str, Image],
    sections: Mapping[str, SourceOptions],
    kolla: Mapping[str, Source],
) -> dict[str, Image]:
    """The images with the sources that the sections of the file give them.

    `kolla` are the sources of Kolla's own images by their section: those of images with a whole Dockerfile, which
    has no place to say it. A section for an image of Kolla's that is not in the catalogue means nothing here; any
    other that no image has is a `UsageError`.
    """
    described = {name: _described(image, kolla) if image.whole else image for name, image in images.items()}
    known = {source.name for image in described.values() for source in _sources(image)} | set(kolla)
    whole = {name for name, image in images.items() if image.whole}
    for section in sections:
        if section not in known | whole and not _addition(section, (*images, *kolla)):
            raise UsageError(
                f"the configuration has a section [{section}], but no image has such a source",
                hint=nearest(section, known | whole) or "a section is called after a source of an image; take it out",
            )
    return {name: _changed(image, sections) for name, image in described.items()}


def changed_accounts(accounts: Mapping[str, Account], users: Mapping[str, UserOptions]) -> dict[str, Account]:
    """The accounts with the numbers that the file gives them, and those that it adds."""
    return {**accounts, **{name: _number(name, user, accounts.get(name)) for name, user in users.items()}}


def _described(image: Image, kolla: Mapping[str, Source]) -> Image:
    """An image of Kolla's with the sources that Kolla knows it to have."""
    return dataclasses.replace(
        image,
        sources=(kolla[image.name],) if image.name in kolla else (),
        plugin_sources=_named(f"{image.name}-plugin-", kolla),
        addition_sources=_named(f"{image.name}-additions-", kolla),
    )


def _named(prefix: str, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    return tuple(sources[name] for name in sorted(sources) if name.startswith(prefix))


def _sources(image: Image) -> tuple[Source, ...]:
    return (*image.sources, *image.plugin_sources, *image.addition_sources)


def _addition(section: str, images: tuple[str, ...]) -> bool:
    """Whether a section gives one of these images a plugin or an addition."""
    return any(section.startswith(f"{name}-{kind}-") for name in images for kind in KINDS)


def _changed(image: Image, sections: Mapping[str, SourceOptions]) -> Image:
    own = (image.name,) if image.whole and image.name in sections else ()
    return dataclasses.replace(
        image,
        sources=_replaced(image.sources, own, sections),
        plugin_sources=_replaced(image.plugin_sources, _starting(f"{image.name}-plugin-", sections), sections),
        addition_sources=_replaced(image.addition_sources, _starting(f"{image.name}-additions-", sections), sections),
    )


def _starting(prefix: str, sections: Mapping[str, SourceOptions]) -> tuple[str, ...]:
    return tuple(name for name in sorted(sections) if name.startswith(prefix))


def _replaced(
    sources: tuple[Source, ...], names: tuple[str, ...], sections: Mapping[str, SourceOptions]
) -> tuple[Source, ...]:
    """The sources as their sections change them, then those that only sections name; none that is switched off."""
    there = {source.name: source for source in sources}
    all_of_them = {**there, **{name: Source(name=name, type="url") for name in names if name not in there}}
    return tuple(
        from_section(source, sections[name]) if name in sections else source
        for name, source in all_of_them.items()
        if name not in sections or sections[name].enabled
    )


def from_section(source: Source, section: SourceOptions) -> Source:
    """The source as the section changes it; what the section does not say holds as it was."""
    if section.type and section.type != source.type:
        source = Source(name=source.name, type=section.type, link=source.link, config=source.config)
    return dataclasses.replace(
        source,
        location=section.location.replace("${version}", section.version or source.version) or source.location,
        reference=section.reference or source.reference or ("master" if source.type == "git" else ""),
        version=section.version or source.version,
        sha256=section.sha256 or source.sha256,
    )


def _number(name: str, user: UserOptions, known: Account | None) -> Account:
    uid = user.uid if user.uid is not None else known.uid if known else None
    gid = user.gid if user.gid is not None else known.gid if known else uid
    if uid is None or gid is None:
        raise UsageError(
            f"the section [{name}-user] describes a new account without a number",
            hint=f"add uid to [{name}-user]",
        )
    group = user.group or (known.group if known else name)
    return Account(uid=uid, gid=gid, group=group, own=known.own if known else False)
