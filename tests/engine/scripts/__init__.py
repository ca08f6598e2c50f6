"""The scripts of the base image, run as programs in a container."""
