"""What one command line asks for: every base on every platform that it names, each with options of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from kollage import platforms
from kollage.catalogue import Catalogue
from kollage.distributed.packing import Variant
from kollage.distributed.storeless import Storeless
from kollage.errors import UsageError
from kollage.options import Options, load_options
from kollage.options.commandline import settled
from kollage.options.verbs import verb_named
from kollage.prepare import prepare
from kollage.registry import client_of

Load = Callable[[Options], Catalogue]


def asked_for(options: Options, argv: Sequence[str]) -> tuple[Options, ...]:
    """The options of each variant: bases and platforms that were said several times are each one more."""
    bases = tuple(dict.fromkeys(_said("base", options, argv))) or (options.base,)
    named = tuple(dict.fromkeys(name for said in _said("platform", options, argv) for name in said.split(",")))
    each = [_with_base(base, options, argv) if len(bases) > 1 else options for base in bases]
    found = [own for base in each for own in _platforms(_for_farm(base), named)]
    _check_names(found)
    return tuple(found)


def prepared(options: Options, load: Load, *, several: bool) -> Variant:
    """Decide all that one variant needs, without an engine: images are in the registry, or not at all."""
    client = client_of(options)
    platform = options.platform or f"linux/{options.debian_arch}"
    engine = Storeless(client, platform)
    catalogue = load(options)
    found = prepare(catalogue, options, fetch=True, engine=engine)
    base = found.base
    known = base is not None and not base.bootstrap and base.identity != base.reference
    pinned = client.published(base.reference) if base and known else None
    return Variant(
        options=options,
        catalogue=catalogue,
        prepared=found,
        platform=platform,
        stands_on=f"{_without_tag(base.reference)}@{pinned.digest}" if base and pinned else "",
        mark=f"{options.base}-{options.debian_arch}" if several else "",
    )


def _for_farm(options: Options) -> Options:
    """The options with what many hosts need: images are named in the registry, and found there by fingerprint."""
    return replace(options, push=True, registry_cache=True, skip_existing=False, updates=False)


def _with_base(base: str, options: Options, argv: Sequence[str]) -> Options:
    end = list(argv).index("--") if "--" in argv else len(argv)
    return load_options(options.verb, [*argv[:end], f"--base={base}", *argv[end:]], options.environ)


def _platforms(options: Options, named: Sequence[str]) -> Sequence[Options]:
    if len(named) < 2:
        return (options,)
    return platforms.for_each(replace(options, platform=",".join(named)))


def _said(name: str, options: Options, argv: Sequence[str]) -> Iterator[str]:
    """Every value that a flag was given."""
    verb = verb_named(options.verb)
    setting = next(setting for setting in verb.flags if setting.name == name)
    words = list(settled(verb, argv))
    for word, following in zip(words, [*words[1:], ""], strict=True):
        flag, equal, value = word.partition("=")
        short = f"-{setting.short}"
        if flag in setting.flags:
            yield value if equal else following
        elif setting.short and word.startswith(short) and len(word) > len(short) and not word.startswith("--"):
            yield word.removeprefix(short)


def _check_names(found: Sequence[Options]) -> None:
    names = [(options.registry, options.namespace, options.image_name_prefix, options.tag) for options in found]
    if len(set(names)) < len(names):
        raise UsageError("several bases would give their images one name", hint="leave --tag out, or put $base into it")


def _without_tag(reference: str) -> str:
    name, colon, tag = reference.rpartition(":")
    return name if colon and "/" not in tag else reference
