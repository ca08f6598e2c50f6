"""Content beside images, in a real registry."""

import pytest
from tests.engine.registry.conftest import PLATFORMS, Layout, Registry, push

from kollage.errors import RegistryError
from kollage.registry import Client, parse
from kollage.registry.content import PIECE, digest_of, get, index, keep, name, pieces, put

CLIENT = Client()


def test_a_piece_is_put_once_and_comes_back_as_it_was(registry: Registry) -> None:
    where = parse(f"{registry()}/kolla/kollage-plans")
    for content in (b"a plan", b"", bytes(PIECE)):
        assert put(CLIENT, where, content) == put(CLIENT, where, content) == digest_of(content)
        assert get(CLIENT, where, digest_of(content)) == content


def test_a_piece_that_is_not_there_is_told(registry: Registry) -> None:
    where = parse(f"{registry()}/kolla/kollage-plans")
    with pytest.raises(RegistryError, match="does not have"):
        get(CLIENT, where, digest_of(b"nowhere"))


def test_what_is_large_goes_as_several_pieces() -> None:
    content = bytes(range(256)) * (PIECE // 100)
    parts = list(pieces(content))
    assert len(parts) > 1
    assert max(map(len, parts)) == PIECE
    assert b"".join(parts) == content
    assert list(pieces(b"")) == [b""]


def test_pieces_are_named_so_that_they_stay(registry: Registry) -> None:
    where = parse(f"{registry()}/kolla/kollage-plans:plan-1")
    put(CLIENT, where, b"an order")
    digest = keep(CLIENT, where, [(digest_of(b"an order"), 8)])
    published = CLIENT.published(str(where))
    assert published
    assert published.digest == digest


def test_an_image_gets_another_name_and_no_layer_travels(registry: Registry, layout: Layout) -> None:
    host = registry()
    image = layout.image("fp", b"app")
    push(layout, "fp", f"{host}/kolla/app:fp-1f")
    assert name(CLIENT, f"{host}/kolla/app:fp-1f", f"{host}/kolla/app:wanted") == image.digest
    published = CLIENT.published(f"{host}/kolla/app:wanted")
    assert published
    assert published.digest == image.digest


def test_a_name_for_what_is_not_there_is_refused(registry: Registry) -> None:
    host = registry()
    with pytest.raises(RegistryError, match="is not there"):
        name(CLIENT, f"{host}/kolla/app:fp-1f", f"{host}/kolla/app:wanted")


def test_an_index_names_the_image_of_each_platform(registry: Registry, layout: Layout) -> None:
    host = registry()
    members = []
    images = {}
    for number, platform in enumerate(PLATFORMS[:2]):
        images[platform] = layout.image(f"t{number}", platform.encode(), platform)
        push(layout, f"t{number}", f"{host}/kolla/app:t{number}")
        members.append((f"{host}/kolla/app:t{number}", platform))
    index(CLIENT, f"{host}/kolla/app:all", members)
    assert CLIENT.platforms(f"{host}/kolla/app:all") == {platform: image.digest for platform, image in images.items()}
