"""The prover: what is missing in an image, found before a deployment finds it.

It reads the root file system and starts no service. The image's own Python runs once per virtual environment, to import
what the service would import.
"""

from kollage.verify.prover.commands import check_commands
from kollage.verify.prover.configuration import check_configuration
from kollage.verify.prover.distributions import environments
from kollage.verify.prover.libraries import check_libraries
from kollage.verify.prover.python import check_imports, check_requirements
from kollage.verify.prover.scripts import check_interpreters
from kollage.verify.subject import Check

__all__ = ["ASKING", "CHECKS", "environments"]

CHECKS: tuple[Check, ...] = (
    check_libraries,
    check_interpreters,
    check_commands,
    check_configuration,
    check_requirements,
)
ASKING: tuple[Check, ...] = (check_imports,)  # programs of the image
