"""What the sections for sources and accounts may say."""

from kollage.options.setting import Kind, Setting

SOURCE_SETTINGS: tuple[Setting, ...] = (
    Setting(name="type", choices=("url", "git", "local", "pypi"), help="How the source is had."),
    Setting(name="location", help="A URL, a repository or a path; `${version}` stands for the version."),
    Setting(name="reference", help="git: a branch, a tag or a commit."),
    Setting(name="version", help="The version to take."),
    Setting(name="enabled", kind=Kind.SWITCH, default="true", help="Whether it goes into the image."),
    Setting(name="sha256", kind=Kind.DIGESTS, help="What the archive has to be."),
)

USER_SETTINGS: tuple[Setting, ...] = (
    Setting(name="uid", kind=Kind.NUMBER, minimum=0, help="The number of the user."),
    Setting(name="gid", kind=Kind.NUMBER, minimum=0, help="The number of the group."),
    Setting(
        name="group",
        shape=r"[a-z_][a-z0-9_-]*",
        hint="lower-case letters first",
        help="The name of the group.",
    ),
)

# The images of Kolla that have a source of their own: `[<image>]` in a file. Facts: the sources of Kolla 23.
SOURCE_SECTIONS: tuple[str, ...] = (
    "aodh-base", "barbican-base", "bifrost-base", "blazar-base", "ceilometer-base", "cinder-base", "cloudkitty-base",
    "cyborg-base", "designate-base", "etcd", "glance-base", "gnocchi-base", "heat-base", "horizon", "ironic-base",
    "kerbside-base", "keystone-base", "kolla-toolbox", "letsencrypt-lego", "magnum-base", "manila-base",
    "masakari-base", "masakari-monitors", "mistral-base", "neutron-base", "neutron-bgp-dragent",
    "neutron-vpnaas-agent", "nova-base", "octavia-base", "openstack-base", "placement-base",
    "prometheus-alertmanager", "prometheus-blackbox-exporter", "prometheus-cadvisor",
    "prometheus-elasticsearch-exporter", "prometheus-libvirt-exporter", "prometheus-memcached-exporter",
    "prometheus-mtail", "prometheus-mysqld-exporter", "prometheus-node-exporter", "prometheus-openstack-exporter",
    "prometheus-openstack-network-exporter", "prometheus-server", "prometheus-valkey-exporter", "skyline-apiserver",
    "skyline-console", "tacker-base", "trove-base", "watcher-base",
)  # fmt: skip
