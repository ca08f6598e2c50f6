"""kolla-ansible lets services meet at Valkey or at etcd, and what they need for that is loaded only then."""

import pytest

from kollage.catalogue import load_catalogue

CATALOGUE = load_catalogue()


def libraries(name: str) -> set[str]:
    """The Python packages that an image and its parents name."""
    image = CATALOGUE.images[name]
    own = set(image.python.packages)
    return own | libraries(image.parent) if image.parent else own


@pytest.mark.parametrize("name", ["cinder-volume", "designate-worker", "gnocchi-api", "masakari-api", "octavia-worker"])
def test_a_service_that_coordinates_has_the_clients_of_both(name: str) -> None:
    assert {"etcd3gw", "redis"} <= libraries(name)
