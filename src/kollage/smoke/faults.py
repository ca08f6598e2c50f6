"""What a cloud did not do: what it was asked, what came back, and what helps to see why."""

from collections.abc import Sequence

from kollage.errors import KollageError


class CloudError(KollageError):
    """The cloud refused something, answered in an unexpected way, or not at all."""

    def __init__(self, asked: str, answered: str, *, hint: str = "", tail: Sequence[str] = ()) -> None:
        super().__init__(f"{asked}: {answered}", hint=hint)
        self.asked = asked
        self.answered = answered
        self.tail = tuple(tail)  # last lines of what an instance wrote on its console
