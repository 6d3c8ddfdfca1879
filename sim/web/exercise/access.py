"""Who may talk to the server: codes and keys, forged addresses, and what a browser may do with our pages."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import defaultdict, deque
from urllib.parse import urlsplit

ALPHABET = "ABCDEFGHJKLMNPQRTUVWXY346789"
"""Letters and digits that are not taken for each other."""
CODE_LENGTH = 6
COOKIE = "orontes_seat"
MOST_BYTES = 65_536
"""Of one request."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def new_code() -> str:
    """A code that people type: about 29 bits, and who guesses is slowed down."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_key() -> str:
    """What a browser holds for its seat. It cannot be guessed."""
    return secrets.token_urlsafe(24)


def hash_of(key: str) -> str:
    """What the file of a game holds of a key: whoever reads the file cannot take a seat with it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def same_code(said: str, code: str) -> bool:
    """Whether a code is right. Case and blanks do not matter."""
    plain = "".join(said.split()).upper().encode("utf-8", "surrogatepass")
    return secrets.compare_digest(plain, code.encode())


class Attempts:
    """Wrong codes of each address: after some of them it has to wait."""

    MOST, SECONDS = 10, 60.0

    def __init__(self) -> None:
        self._wrong: dict[str, deque[float]] = defaultdict(deque)

    def must_wait(self, address: str) -> bool:
        """Whether an address has guessed too often of late."""
        wrong, now = self._wrong[address], time.monotonic()
        while wrong and now - wrong[0] > self.SECONDS:
            wrong.popleft()
        if not wrong:
            del self._wrong[address]
        return len(wrong) >= self.MOST

    def note_wrong(self, address: str) -> None:
        self._wrong[address].append(time.monotonic())


def is_known_host(host: str, known: set[str]) -> bool:
    """Whether a request's Host is one of ours: a page of another site that was led here by a forged name is not."""
    try:
        return (urlsplit(f"//{host}").hostname or "") in known
    except ValueError:
        return False


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a request that changes something comes from one of our own pages."""
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False
