"""Facts of the peer's that come with Kollage, and how they are renewed."""
