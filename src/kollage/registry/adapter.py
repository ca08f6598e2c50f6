"""How requests is told whom to trust."""

import ssl
from typing import Any

from requests.adapters import HTTPAdapter


class Trusting(HTTPAdapter):
    """Checks certificates with a context of ours, and with nothing beside it; requests offers no other way."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **facts: Any) -> None:
        """Give the context to every connection."""
        super().init_poolmanager(*arguments, **facts, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **facts: Any) -> Any:
        """Give the context to what goes through a proxy, too."""
        return super().proxy_manager_for(proxy, **facts, ssl_context=self._context)

    def cert_verify(self, *_arguments: object) -> None:
        """Add no authorities: requests would add those that came with it."""
