"""A small catalogue with deployments, and clouds that are decided from it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kollage.catalogue import Catalogue, load_catalogue
from kollage.deploy import cloud as clouds
from kollage.deploy import custom, secret
from kollage.deploy.choices import Choices
from kollage.deploy.cloud import Cloud, Wanted
from kollage.deploy.facts import deployments
from kollage.deploy.host import Host

HOST = Host(name="here", memory=10**10, disk=10**11, kvm=False, openvswitch=False, limits=("nofile=10:20",))

FILES: Mapping[str, str] = {
    "base/image.toml": 'description = "x"\n',
    "base/deploy/shared.ini.j2": "[shared]\nport = {{ unit.port }}\n",
    "data/mariadb-server/image.toml": 'description = "x"\nparent = "base"\n',
    "data/mariadb-server/deploy.toml": """\
secrets = ["root"]

[[job]]
name = "databases"
needs = ["mariadb"]
command = "sh /var/lib/kolla/config_files/make.sh"
secret-environment = "root.env"
files = { "make.sh" = {}, "root.env" = {} }

[[service]]
name = "mariadb"
command = "mariadbd"
owner = "mysql"
port = 3306
healthy = "ping {{ host }}:{{ unit.port }}"
volumes = { data = "/data" }
memory = 100
""",
    "data/mariadb-server/deploy/make.sh.j2": "echo {{ databases.nova | join(' ') }}\n",
    "data/mariadb-server/deploy/root.env.j2": "ROOT={{ secrets.root }}\n",
    "keystone/keystone/image.toml": 'description = "x"\nparent = "base"\n',
    "keystone/keystone/deploy.toml": '[[service]]\nneeds = ["databases"]\nport = 15000\nfront = 5000\n',
    "nova/nova-api/image.toml": 'description = "x"\nparent = "base"\n',
    "nova/nova-api/deploy.toml": """\
shares = ["base"]
databases = ["nova"]
accounts = ["nova"]

[[service]]
needs = ["databases", "keystone"]
command = "nova-api"
owner = "nova"
port = 18774
front = 8774

[service.files]
"nova.conf" = "/etc/nova/nova.conf"
"own.ini" = { to = "/etc/nova/own.ini", template = "shared.ini", owner = "root" }

[[endpoint]]
service = "nova"
type = "compute"
unit = "nova-api"
path = "/v2.1"
""",
    "nova/nova-api/deploy/nova.conf.j2": "[database]\nconnection = {{ database('nova', 'nova') }}\n",
    "heat/heat-api/image.toml": 'description = "x"\nparent = "base"\n',
    "heat/heat-api/deploy.toml": 'with = "heat"\n[[service]]\nneeds = ["keystone", "nova-api"]\n',
    "front/haproxy/image.toml": 'description = "x"\nparent = "base"\n',
    "front/haproxy/deploy.toml": """\
[[service]]
needs = ["heat-api"]
port = 61313
files = { "haproxy.cfg" = "/etc/haproxy.cfg" }
""",
    "front/haproxy/deploy/haproxy.cfg.j2": (
        "{% for name, each in units | dictsort if each.front %}{{ name }} {{ address }}:{{ each.front }}\n{% endfor %}"
    ),
}


def catalogue(root: Path, **changed: str) -> Catalogue:
    """The catalogue below a folder; `changed` replaces files, with `__` in the place of each slash."""
    other = {name.replace("__", "/").replace("_toml", ".toml"): text for name, text in changed.items()}
    for name, text in {**FILES, **other}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_catalogue(root)


def wanted(found: Catalogue, choices: Choices | None = None) -> Wanted:
    return clouds.wanted(deployments(found), choices or Choices())


def decided(
    found: Catalogue,
    choices: Choices | None = None,
    *,
    host: Host = HOST,
    own: Path | None = None,
    images: Mapping[str, tuple[str, str]] | None = None,
    certificate: Mapping[str, str] | None = None,
) -> Cloud:
    """The cloud that a catalogue gives, with secrets that are called like their names."""
    chosen = choices or Choices()
    want = wanted(found, chosen)
    names = {unit.image for unit in want.units.values()}
    return clouds.decide(
        found,
        want,
        chosen,
        host=host,
        secrets=secret.Secrets(now={name: f"<{name}>" for name in want.secrets}),
        images=images or {name: (f"kolla/{name}:1", f"id-{name}") for name in names},
        custom=custom.read(own),
        certificate=certificate or {},
    )


def text(cloud: Cloud, path: str) -> str:
    """A file of a cloud's configuration."""
    files = [*cloud.files, *(file for part in cloud.parts.values() for file in part.files)]
    return next(file.text for file in files if file.path == path)


def chosen(**values: object) -> Choices:
    return replace(Choices(), **values)  # type: ignore[arg-type] # values of several types
