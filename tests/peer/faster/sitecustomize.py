"""Loaded by the peer before all else: it parses one file several hundred times, and this makes it use the C parser.

What it gives stays the same. Benchmarks run the peer as it is.
"""

import yaml

if hasattr(yaml, "CSafeLoader"):
    yaml.safe_load = lambda stream: yaml.load(stream, Loader=yaml.CSafeLoader)
