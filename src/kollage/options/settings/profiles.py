"""Sets of images that have names. Facts: the profiles of Kolla 23."""

from collections.abc import Mapping

PROFILES: Mapping[str, tuple[str, ...]] = {
    "infra": (
        "cron", "etcd", "fluentd", "haproxy", "hacluster", "keepalived", "kolla-toolbox", "letsencrypt", "mariadb",
        "memcached", "opensearch", "openvswitch", "proxysql", "rabbitmq", "tgtd", "valkey",
    ),
    "main": (
        "ceilometer", "cinder", "glance", "heat", "horizon", "iscsi", "keystone", "neutron", "nova-", "placement",
    ),
    "aux": (
        "aodh", "blazar", "cloudkitty", "designate", "gnocchi", "ironic", "kerbside", "magnum", "manila", "masakari",
        "mistral", "octavia", "tacker", "trove", "valkey",
    ),
    "default": (
        "cron", "kolla-toolbox", "fluentd", "glance", "haproxy", "heat", "horizon", "keepalived", "keystone", "mariadb",
        "memcached", "neutron", "nova-", "placement", "proxysql", "openvswitch", "rabbitmq",
    ),
}  # fmt: skip
