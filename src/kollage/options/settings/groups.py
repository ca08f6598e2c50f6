"""The groups of settings: titles in the documentation, and what a verb takes as flags."""

REGEX = WHICH = "Which images"
IMAGE = "Which image"
IMAGES = "What is built"
NAMES = "How images are named"
BUILD = "How images are built"
PUSH = "How images are pushed"
VERIFY = "How images are verified"
SUBJECT = "What is verified"
RESULTS = "Results for other programs"
PLACES = "Where things are"
NETWORK = "The network"
OUTPUT = "What is printed"
INSTEAD = "Instead of building"
LISTING = "Listing"
SIZE = "What is told of sizes"
CLEAN = "What is removed"
REGISTRY = "A local registry"
HOSTS = "Builds on many hosts"
WORKER = "A worker"
CERTS = "Certificates"
RUNS = "Which runs"
GENCONFIG = "The sample configuration"
CLOUD = "Which cloud"
LAUNCH = "What a cloud is"
RENEWAL = "What is made anew"
DOWN = "What goes with a cloud"
LOGS = "Whose lines"
SMOKE = "What a smoke test does"

GROUPS = (
    WHICH,
    IMAGE,
    IMAGES,
    NAMES,
    BUILD,
    PUSH,
    VERIFY,
    SUBJECT,
    RESULTS,
    PLACES,
    NETWORK,
    OUTPUT,
    INSTEAD,
    LISTING,
    SIZE,
    CLEAN,
    REGISTRY,
    HOSTS,
    WORKER,
    CERTS,
    RUNS,
    GENCONFIG,
    CLOUD,
    LAUNCH,
    RENEWAL,
    DOWN,
    LOGS,
    SMOKE,
)
