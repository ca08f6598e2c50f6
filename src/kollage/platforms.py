"""One build for several platforms: each in turn under a tag of its own, then an index of them under the name itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TextIO

from kollage import build, engines, graph
from kollage.catalogue import Catalogue
from kollage.errors import ExitCode, UsageError
from kollage.options import Options
from kollage.output import write
from kollage.registry import is_plain, parse
from kollage.render import reference

_ARCHITECTURES = {"linux/amd64": ("x86_64", "amd64"), "linux/arm64": ("aarch64", "arm64")}

Load = Callable[[Options], Catalogue]


def for_each(options: Options) -> tuple[Options, ...]:
    """The options of each platform's own build: its architecture, and a tag that ends in it. Raises `UsageError`."""
    names = dict.fromkeys(options.platform.split(","))
    if not options.push:
        raise UsageError(
            "several platforms make an index, and only a registry can hold one", hint="add --push, or name one platform"
        )
    return tuple(_for(name, options) for name in names)


def build_each(options: Options, load: Load, argv: Sequence[str], stream: TextIO) -> int:
    """Build and push for every platform, then push an index of each image that was asked for; give the exit code."""
    each = for_each(options)
    for own in each:
        code = build.build(partial(load, own), own, argv, stream)
        if code:
            return code
    engine = engines.engine_for(options)
    for name in sorted(set.intersection(*(_wanted(load(own), own) for own in each))):
        whole = reference(name, options)
        members = [reference(name, own) for own in each]
        engine.push_index(whole, members, lambda _line: None, plain=is_plain(parse(whole).host))
        write(f"{name}: index of {', '.join(own.platform for own in each)} pushed as {whole}\n", stream)
    return ExitCode.OK


def _for(platform: str, options: Options) -> Options:
    arch, debian_arch = _ARCHITECTURES[platform]
    tag = f"{options.tag}-{debian_arch}"
    return replace(options, platform=platform, base_arch=arch, debian_arch=debian_arch, tag=tag)


def _wanted(catalogue: Catalogue, options: Options) -> set[str]:
    return set(graph.resolve(catalogue, options).wanted)
