#!/bin/sh
# A deployment has its keys made by the image keystone-fernet; here the service makes its own.
set -eu
keystone-manage fernet_setup --keystone-user keystone --keystone-group keystone
exec uwsgi /etc/keystone/keystone-api-uwsgi.ini
