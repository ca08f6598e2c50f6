"""The groups of settings: titles in the documentation, and what a verb takes as flags."""

REGEX = WHICH = "Which images"
IMAGE = "Which image"
IMAGES = "What is built"
NAMES = "How images are named"
BUILD = "How images are built"
PUSH = "How images are pushed"
VERIFY = "How images are verified"
SUBJECT = "What is verified"
PLACES = "Where things are"
NETWORK = "The network"
OUTPUT = "What is printed"
INSTEAD = "Instead of building"
LISTING = "Listing"
SIZE = "What is told of sizes"
CLEAN = "What is removed"
REGISTRY = "A local registry"
RUNS = "Which runs"
GENCONFIG = "The sample configuration"

GROUPS = (
    WHICH,
    IMAGE,
    IMAGES,
    NAMES,
    BUILD,
    PUSH,
    VERIFY,
    SUBJECT,
    PLACES,
    NETWORK,
    OUTPUT,
    INSTEAD,
    LISTING,
    SIZE,
    CLEAN,
    REGISTRY,
    RUNS,
    GENCONFIG,
)
