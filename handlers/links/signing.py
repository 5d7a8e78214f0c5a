"""Signed links: what they are for and whom they were given to can't be changed, and they fit in an SMS.

A token is the page's id in 22 letters and 16 letters of HMAC-SHA-256: 96 bits, out of reach of guessing over HTTP.
Nothing of it is secret but the key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from uuid import UUID

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import HMACAlgorithm

PATH = "/a/"
TRIALS_PATH = "/t/"
STORMS_PATH = "/s/"
CALENDARS_PATH = "/ical/"
CALLS_PATH = "/p/"
CALL_TRIALS_PATH = "/p/t/"
_SIGNATURE_BYTES = 12


class _Short(HMACAlgorithm):
    """HMAC cut to 96 bits, which RFC 2104 §5 allows: an SMS has 160 letters for everything."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_SIGNATURE_BYTES]

    def verify_signature(self, key: bytes, value: bytes, sig: bytes) -> bool:
        return hmac.compare_digest(sig, self.get_signature(key, value))


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links under `public_url` and reads them again. Without an address or a key there are none.

    A link acts for one `purpose`: a test's does not acknowledge.
    """

    public_url: str = ""
    secret_key: str = ""
    former_keys: tuple[str, ...] = ()
    """What links were signed with before: they go on to act."""
    purpose: str = "acknowledge"
    path: str = PATH

    @property
    def of_trials(self) -> Links:
        """Those that say that a test arrived."""
        return replace(self, purpose="test", path=TRIALS_PATH)

    @property
    def of_storms(self) -> Links:
        """Those in one message for many pages."""
        return replace(self, purpose="storm", path=STORMS_PATH)

    @property
    def of_calendars(self) -> Links:
        """Those that a calendar program reads a schedule by."""
        return replace(self, purpose="calendar", path=CALENDARS_PATH)

    @property
    def of_calls(self) -> Links:
        """Those that a voice gateway says by what became of a call."""
        return replace(self, purpose="call", path=CALLS_PATH)

    @property
    def of_call_trials(self) -> Links:
        """The same, of a call that somebody tries out."""
        return replace(self, purpose="call test", path=CALL_TRIALS_PATH)

    def to(self, notification: str) -> str:
        """The link that acts for whoever got this notification; "" when there can be none."""
        if not (self.public_url and self.secret_key):
            return ""
        return f"{self.public_url}{self.path}{self._token(notification)}"

    def read(self, token: str) -> str | None:
        """The notification that a token of ours is about; None for any other text."""
        found = (self._read(token, key) for key in (self.secret_key, *self.former_keys) if key)
        return next((notification for notification in found if notification), None)

    def _read(self, token: str, key: str) -> str | None:
        try:
            letters = self._signer(key).unsign(token.encode("ascii"))
            notification = str(UUID(bytes=base64.urlsafe_b64decode(letters + b"==")))
        except (BadSignature, ValueError):
            return None
        # Base64 has several ways to write the same bytes; a link has one.
        return notification if hmac.compare_digest(self._token(notification, key), token) else None

    def _token(self, notification: str, key: str = "") -> str:
        letters = base64.urlsafe_b64encode(UUID(notification).bytes).rstrip(b"=")
        return self._signer(key or self.secret_key).sign(letters).decode()

    def _signer(self, key: str) -> Signer:
        algorithm = _Short(hashlib.sha256)
        return Signer(key, salt=self.purpose, sep=".", key_derivation="hmac", algorithm=algorithm)
