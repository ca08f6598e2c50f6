"""Kollage builds the container images of an OpenStack cloud and proves that they run."""

__version__ = "0.1.0"
