# Two commands are enough: `make build` and `make test`. Both prepare the machine first.
IMAGES ?= keystone
FLAGS ?=
BIN := .venv/bin
# the tests with real images mount file systems, which only root may
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo -E env HOME=/root PYTHONDONTWRITEBYTECODE=1)

.PHONY: kolla-ansible hosts nightly clusters proof help build test lint types quick engine golden docs bench clean setup

build:
	@tools/setup build
	@$(BIN)/kollage build $(FLAGS) $(IMAGES)

help:
	@echo "make build [IMAGES='keystone nova'] [FLAGS=...]  build images and what they stand on"
	@echo "make test      every check: lint, types, unit, functional, catalogue, real images"
	@echo "make quick     the checks that need no engine"
	@echo "make engine    the checks with real images"
	@echo "make clusters  build what clusters are made of, and see them survive the loss of a node"
	@echo "make kolla-ansible  let kolla-ansible, as the package index has it, deploy the images of its release"
	@echo "make hosts     builds on three hosts, in namespaces of their own, and what is lost among them"
	@echo "make golden    renew the rendered Dockerfiles that tests compare with"
	@echo "make docs      renew the pages that are made from the code"
	@echo "make bench     measure, and write docs/proof/performance.md; SCRIPTS=... for some of it"
	@echo "make proof     build and verify the whole catalogue; goes on where it ended [RELEASE=zed]"
	@echo "make nightly   the fuzz tests with ten thousand cases"

setup:
	@tools/setup test

test: quick engine

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	shellcheck tools/setup .ci/run tests/engine/kolla_ansible/files/host

types: setup
	$(BIN)/mypy

quick: lint types
	$(BIN)/pytest -q --numprocesses auto --dist worksteal tests --ignore=tests/engine --ignore=tests/fuzz

engine: setup
	$(AS_ROOT) $(BIN)/pytest -q -p no:cacheprovider tests/engine tests/fuzz --ignore=tests/engine/clusters --ignore=tests/engine/distributed \
		--ignore=tests/engine/kolla_ansible

# several containers a test, each on a network of its own: Galera, RabbitMQ, etcd, OVN, Ceph and more
clusters: setup
	$(AS_ROOT) $(BIN)/pytest -q -p no:cacheprovider tests/engine/clusters

# a host in namespaces of its own, on which the peer's own playbooks start the images
kolla-ansible: setup
	$(AS_ROOT) $(BIN)/pytest -q -p no:cacheprovider tests/engine/kolla_ansible

# three build hosts in network namespaces of their own, a scheduler, a registry; what is lost among them
hosts: setup
	$(AS_ROOT) $(BIN)/pytest -q -p no:cacheprovider tests/engine/distributed

golden: setup
	$(BIN)/python -m tests.golden.renew

docs: setup
	$(BIN)/python -m kollage.options.manual > docs/reference/configuration.md
	$(BIN)/python -m kollage.options.comparison > docs/reference/kolla-build.md

bench: setup
	$(AS_ROOT) $(BIN)/python tools/performance.py $(SCRIPTS)

proof: setup
	$(BIN)/python tools/proof.py $(if $(RELEASE),--release $(RELEASE)) $(SYSTEMS)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

# long proofs: the fuzz test of the start scripts with many more cases
nightly: setup
	KOLLAGE_FUZZ_CASES=10000 $(AS_ROOT) $(BIN)/pytest -q -p no:cacheprovider tests/fuzz
