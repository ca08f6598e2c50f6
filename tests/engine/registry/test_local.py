"""A local registry starts, takes images, gives them back after a restart, and ends alone."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from tests.engine.registry.conftest import Layout, free_port, push

from kollage.errors import UsageError
from kollage.options import Options
from kollage.registry import Client, is_plain
from kollage.registry.local import start, stop

pytestmark = pytest.mark.engine


@pytest.fixture
def options(tmp_path: Path) -> Iterator[Options]:
    """A local registry that has ended when the test has."""
    made = Options(cache_dir=tmp_path.resolve(), port=free_port(), environ=dict(os.environ))
    yield made
    stop(made)


def host(options: Options) -> str:
    return f"{options.listen}:{options.port}"


def test_it_takes_images_and_keeps_them_over_a_restart(options: Options, layout: Layout) -> None:
    folder = options.cache_dir / "registry"
    assert start(options) == f"a registry listens on {host(options)}; its images are in {folder}"
    assert is_plain(host(options))
    image = layout.image("one", b"content")
    reference = f"{host(options)}/kolla/keystone:1"
    push(layout, "one", reference)
    assert stop(options) == f"the registry on {host(options)} has ended; its images stay in {folder}"
    start(options)
    found = Client().published(reference)
    assert found
    assert found.digest == image.digest


def test_started_twice_it_runs_once(options: Options) -> None:
    start(options)
    number = options.cache_dir / "registry/registry.pid"
    pid = number.read_text()
    assert start(options).startswith(f"a registry runs already on {host(options)};")
    assert start(replace(options, port=free_port())).startswith(f"a registry runs already on {host(options)};")
    assert number.read_text() == pid


def test_stopped_twice_there_is_none(options: Options) -> None:
    start(options)
    stop(options)
    assert stop(options).startswith("no registry runs")
    assert not (options.cache_dir / "registry/registry.pid").exists()


def test_images_may_be_deleted(options: Options, layout: Layout) -> None:
    start(options)
    image = layout.image("one", b"content")
    push(layout, "one", f"{host(options)}/nova:1")
    with requests.delete(f"http://{host(options)}/v2/nova/manifests/{image.digest}", timeout=60) as answer:
        assert answer.status_code == 202
    assert Client().published(f"{host(options)}/nova:1") is None


def test_what_it_keeps_of_itself_is_for_the_user_alone(options: Options) -> None:
    start(options)
    folder = options.cache_dir / "registry"
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in (folder, folder / "config.json", folder / "registry.log")
    }
    assert modes == {"registry": 0o700, "config.json": 0o600, "registry.log": 0o600}
    assert json.loads((folder / "config.json").read_text())["storage"]["delete"] == {"enabled": True}


def test_variables_of_engines_do_not_change_it(options: Options) -> None:
    told = {"REGISTRY_AUTH_FILE": "/nowhere/auth.json", "REGISTRY_HTTP_ADDR": "127.0.0.1:1"}
    assert start(replace(options, environ={**options.environ, **told})).startswith("a registry listens on")
    assert Client().published(f"{host(options)}/nova:1") is None


def test_two_of_them_need_two_ports(options: Options, tmp_path: Path) -> None:
    start(options)
    other = replace(options, data_dir=tmp_path / "other")
    with pytest.raises(UsageError, match="something else listens there"):
        start(other)
    assert stop(other).startswith("no registry runs")
    assert Client().published(f"{host(options)}/nova:1") is None


def test_who_lets_others_in_is_told(options: Options) -> None:
    told = start(replace(options, listen="0.0.0.0"))
    assert told.startswith(f"a registry listens on 0.0.0.0:{options.port};")
    assert "everybody who can reach this address can push" in told


def test_it_listens_on_an_address_of_the_newer_kind(options: Options) -> None:
    assert start(replace(options, listen="::1")).startswith(f"a registry listens on [::1]:{options.port};")
    assert Client().published(f"[::1]:{options.port}/nova:1") is None
