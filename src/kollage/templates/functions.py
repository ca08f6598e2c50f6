"""What templates may call, under the names that templates and overrides written for Kolla use."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import jinja2
from jinja2 import runtime

from kollage.catalogue import Catalogue, kolla
from kollage.options import Options
from kollage.repositories import Repositories, debian_package_install, load_repositories


def functions(catalogue: Catalogue, options: Options) -> Mapping[str, Callable[..., str]]:
    """The functions that every template may call; the files about repositories are read when the first does."""

    @cache
    def repositories() -> Repositories:
        return load_repositories(default=kolla.facts_file(catalogue.root, "repos.yaml"), override=options.repos_yaml)

    @jinja2.pass_context
    def handle_repos(context: runtime.Context, names: list[str], mode: str) -> str:
        return repositories().handle(
            names,
            mode,
            package_type=context["base_package_type"],
            base=context["base_distro"],
            arch=context["base_arch"],
            codename=context["openstack_release_codename"],
            image=context["image_name"],
        )

    @jinja2.pass_context
    def cleanup_repos(context: runtime.Context) -> str:
        return repositories().cleanup(
            package_type=context["base_package_type"], base=context["base_distro"], arch=context["base_arch"]
        )

    return {
        "debian_package_install": debian_package_install,
        "handle_repos": handle_repos,
        "cleanup_repos": cleanup_repos,
        "raise_error": raise_error,
    }


def raise_error(message: str) -> str:
    """Give up, with a sentence of the template's."""
    raise jinja2.TemplateRuntimeError(message)


@jinja2.pass_context
def customizable(context: runtime.Context, names: Sequence[str], *kinds: str) -> list[str]:
    """The list as an override changes it: `_override` wins alone, `_append` comes before `_remove`.

    A list may go by several kinds; each changes what the one before it has left.
    """
    left = list(names)
    for kind in kinds:
        stem = f"{context['customizable_stem']}_{kind}"
        if f"{stem}_override" in context:
            left = _listed(context, f"{stem}_override")
        else:
            longer = [*left, *_listed(context, f"{stem}_append")]
            removed = _listed(context, f"{stem}_remove")
            left = [name for name in longer if name not in removed]
    return left


def _listed(context: runtime.Context, name: str) -> list[str]:
    value = context.get(name, [])
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise jinja2.TemplateRuntimeError(f"{name} must be a list of texts, such as ['one', 'two'], not {value!r}")
    return list(value)


@jinja2.pass_context
def customizable_by_kolla(context: runtime.Context, names: object, kind: str) -> object:
    """The same as Kolla has it, for its own templates: the list itself is changed, one item for each removal.

    What is not defined stays so, for templates that define a list on some bases only.
    """
    if not isinstance(names, list):
        return names
    stem = f"{context['image_name'].replace('-', '_')}_{kind}"
    if f"{stem}_override" in context:
        return context[f"{stem}_override"]
    names.extend(_listed(context, f"{stem}_append"))
    for name in _listed(context, f"{stem}_remove"):
        if name in names:
            names.remove(name)
    return names
