#!/bin/sh
# What Lego leaves for Let's Encrypt to fetch.
set -eu
echo challenge > /etc/letsencrypt/http-01/.well-known/acme-challenge/token
exec apache2 -DFOREGROUND
