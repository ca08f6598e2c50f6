"""Stands in for Ansible's module that loads modules of the kernel: this one may have all built in, or lack them."""

from ansible.module_utils.basic import AnsibleModule

AnsibleModule({"name": {}, "params": {}, "state": {}}).exit_json(changed=False)
