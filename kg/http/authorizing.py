"""Who may change the graph: whoever shows the token (RFC 6750, section 2.1)."""

from __future__ import annotations

import hmac
import re
from typing import Final

from kg.http.protocol import READ_ONLY
from kg.http.refusals import Refused

__all__ = ["SHORTEST", "may_write", "require_writer", "usable_token"]

SHORTEST: Final = 16
"""How many characters a token has at least."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_CHALLENGE: Final = 'Bearer realm="foedus"'


def usable_token(token: str) -> bool:
    """Whether a token is long enough and can be sent in a header.

    Example:
        >>> usable_token("correct-horse-battery"), usable_token("secret"), usable_token("with spaces in between")
        (True, False, False)
    """
    return len(token) >= SHORTEST and _TOKEN.fullmatch(token) is not None


def may_write(authorization: str | None, token: str | None) -> bool:
    """Whether a request shows the token; how long the answer takes says nothing about the token.

    Args:
        authorization: the field ``Authorization``.
        token: the token; nobody may write where there is none.
    """
    scheme, _, given = (authorization or "").partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())


def require_writer(authorization: str | None, token: str | None) -> None:
    """Refuse whoever may not write.

    Raises:
        Refused: nobody may (403), or the request does not show the token (401).
    """
    if token is None:
        raise Refused(403, READ_ONLY)
    if authorization is None:
        says = "to change the graph, send the token: Authorization: Bearer TOKEN"
        raise Refused(401, says, headers={"WWW-Authenticate": _CHALLENGE})
    if not may_write(authorization, token):
        challenge = f'{_CHALLENGE}, error="invalid_token"'
        raise Refused(401, "that is not the token", headers={"WWW-Authenticate": challenge})
