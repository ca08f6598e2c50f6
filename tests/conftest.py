"""What holds for all tests: how long a case takes is no matter of theirs, for machines are busy."""

from hypothesis import settings

settings.register_profile("kollage", deadline=None)
settings.load_profile("kollage")
