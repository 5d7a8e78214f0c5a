"""SMS: OVH's keys and what they may do, the account's credit, the sender, and how far our clocks are apart."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.clock import wall_now
from bot.doctor.absence import off
from bot.doctor.database import Database
from bot.doctor.findings import SECONDS, Check, Finding, Shared, Verdict
from bot.notifiers.ovh_api import OvhNotFound, OvhRefused
from bot.notifiers.sms import OvhCredential, OvhSms
from bot.settings import OVH, Settings
from domain.errors import DeliveryError
from domain.policies import Channel
from domain.troubles import LOW_CREDITS

AREA = "SMS"
_READ_SECONDS = SECONDS - 1
_FAR_SECONDS = 30
"""OVH refuses signatures that are further off; Vigie makes up for it, but its hand-offs come as late as its clock."""
_SOON = timedelta(days=14)
_NEEDED = (
    ("POST", "/sms/{service}/jobs", "no SMS can be sent"),
    ("GET", "/sms/{service}/jobs", "an SMS whose answer was lost may be sent twice"),
    ("GET", "/sms/{service}/outgoing", "an SMS whose answer was lost may be sent twice, and none is known to arrive"),
)
_USEFUL = (
    ("GET", "/sms/ptts", "an SMS that the phone's network refuses is noticed two minutes late"),
    ("GET", "/sms/{service}/incoming", "nobody can answer an SMS"),
)
_LOSSES = frozenset(loss for _, _, loss in _NEEDED)
_NEW_KEYS = "make new keys on OVH's createToken page with GET and POST on /sms/*"
_REMEDIES = {
    "INVALID_KEY": "OVH_APPLICATION_KEY is wrong, or of another region than OVH_ENDPOINT.",
    "INVALID_SIGNATURE": "OVH_APPLICATION_SECRET is wrong: copy it again, it belongs to OVH_APPLICATION_KEY.",
    "INVALID_CREDENTIAL": f"OVH_CONSUMER_KEY is wrong or has expired: {_NEW_KEYS}.",
    "NOT_CREDENTIAL": f"OVH_CONSUMER_KEY is not validated: open its validation link, or {_NEW_KEYS}.",
    "NOT_GRANTED_CALL": f"OVH_CONSUMER_KEY may not ask this: {_NEW_KEYS}.",
    "QUERY_TIME_OUT": "Set this machine's clock (NTP).",
}
_NO_SERVICE = "OVH_SMS_SERVICE names no SMS account of these keys' owner: copy its name (sms-ab12345-1) from OVH."
_FAILS = "Nothing is refused: look again in a while. OVH's status page may know more."
_AWAY = "Is OVH_ENDPOINT right and reachable from here (DNS, firewall, proxy)?"


class Sms:
    """The checks of the SMS account, or of there being none."""

    def __init__(self, settings: Settings, database: Database | None) -> None:
        self._settings = settings
        self._database = database
        self._missing = [name.upper() for name in OVH if not getattr(settings, name)]
        self._sms = None if self._missing else _open(settings)
        self._credential = Shared(self._ask_credential)

    @property
    def checks(self) -> list[Check]:
        if self._sms is None:
            return [Check(AREA, self.absent)]
        return [Check(AREA, check) for check in (self.keys, self.credit, self.sender, self.clock)]

    async def close(self) -> None:
        await self._credential.close()
        if self._sms is not None:
            await self._sms.close()

    async def absent(self) -> Finding:
        """SMS that are off on purpose, by mistake, or although policies count on them."""
        if len(self._missing) < len(OVH):
            what = f"{', '.join(self._missing)} not set, while the other OVH_ settings are"
            return Finding(AREA, Verdict.ERROR, what, "Set all four of them, or none.")
        remedy = f"Set {', '.join(self._missing)} (.env.example says what each is)."
        return await off(AREA, Channel.SMS, self._database, remedy)

    async def keys(self) -> Finding:
        """Whether the three keys are good, and allow what Vigie asks."""
        try:
            credential = await self._credential.get()
        except DeliveryError as error:
            return _refused(error, "the keys")
        if credential.status != "validated":
            what = f"OVH_CONSUMER_KEY is {credential.status or 'of unknown standing'} and not validated"
            return Finding(AREA, Verdict.ERROR, what, f"Open its validation link, or {_NEW_KEYS}.")
        missing = missing_rules(credential, self._settings.ovh_sms_service)
        if missing:
            what = f"OVH_CONSUMER_KEY may not {', '.join(f'{method} {path}' for method, path, _ in missing)}"
            lines = [f"Without {method} {path}, {loss}." for method, path, loss in missing]
            verdict = Verdict.ERROR if any(loss in _LOSSES for _, _, loss in missing) else Verdict.WARNING
            return Finding(AREA, verdict, what, "\n".join([*lines, f"To have it all, {_NEW_KEYS}."]))
        return _expiry(credential, wall_now())

    async def credit(self) -> Finding | None:
        """Whether the account exists and has credit left."""
        service = self._settings.ovh_sms_service
        if self._sms is None or not await self._is_known():
            return None
        try:
            left = await self._sms.credits()
        except OvhNotFound:
            what = f"OVH knows no SMS account {service} of these keys"
            return Finding(AREA, Verdict.ERROR, what, "OVH_SMS_SERVICE is the account's name, such as sms-ab12345-1.")
        except DeliveryError as error:
            return _refused(error, f"the account {service}")
        if left >= LOW_CREDITS:
            return Finding(AREA, Verdict.OK, f"{service} has {left:g} credits left")
        verdict = Verdict.WARNING if left >= 1 else Verdict.ERROR
        return Finding(
            AREA, verdict, f"{service} has {left:g} credits left", "Buy credits, or turn on OVH's automatic top-up."
        )

    async def sender(self) -> Finding | None:
        """Whether OVH sends under the configured name."""
        name = self._settings.ovh_sms_sender
        if self._sms is None or not await self._is_known():
            return None
        if not name:
            return Finding(AREA, Verdict.OK, "no OVH_SMS_SENDER: a short number sends")
        another = "Set OVH_SMS_SENDER to a sender that OVH has validated, or leave it empty for a short number."
        try:
            status = await self._sms.sender_status()
        except OvhNotFound:
            return Finding(AREA, Verdict.ERROR, f"the account has no sender {name}", another)
        except DeliveryError as error:
            return _refused(error, f"the sender {name}")
        if status != "enable":
            return Finding(AREA, Verdict.ERROR, f"OVH has the sender {name} as {status}: nothing is sent", another)
        return Finding(AREA, Verdict.OK, f"the sender {name} is enabled")

    async def clock(self) -> Finding | None:
        """Whether this machine and OVH agree on the time."""
        if self._sms is None or not await self._is_known():
            return None
        delta = await self._sms.clock_delta()
        if abs(delta) <= _FAR_SECONDS:
            return Finding(AREA, Verdict.OK, "this machine's clock agrees with OVH's")
        what = f"this machine's clock is {abs(delta)} s {'behind' if delta > 0 else 'ahead of'} OVH's"
        return Finding(AREA, Verdict.WARNING, what, "Set it by NTP: pages and hand-offs come as far off as it is.")

    async def _is_known(self) -> bool:
        """Whether the keys are good: if they are not, that is all there is to say."""
        try:
            return (await self._credential.get()).status == "validated"
        except DeliveryError:
            return False

    async def _ask_credential(self) -> OvhCredential:
        assert self._sms is not None
        return await self._sms.credential()


def missing_rules(credential: OvhCredential, service: str) -> list[tuple[str, str, str]]:
    """(method, path, what is lost) of the calls that Vigie makes and the keys don't allow."""
    needed = [(method, path.format(service=service), loss) for method, path, loss in (*_NEEDED, *_USEFUL)]
    return [call for call in needed if not any(_allows(rule, call[0], call[1]) for rule in credential.rules)]


def _allows(rule: tuple[str, str], method: str, path: str) -> bool:
    """Whether a rule lets a call through: a star stands for anything, slashes too."""
    pattern = ".*".join(re.escape(part) for part in rule[1].split("*"))
    return rule[0] == method and re.fullmatch(pattern, path) is not None


def _open(settings: Settings) -> OvhSms:
    return OvhSms(
        settings.ovh_endpoint,
        settings.ovh_application_key,
        settings.ovh_application_secret,
        settings.ovh_consumer_key,
        settings.ovh_sms_service,
        settings.ovh_sms_sender,
        read_seconds=_READ_SECONDS,
    )


def _expiry(credential: OvhCredential, now: datetime) -> Finding:
    """Keys that are good, and until when."""
    if credential.expiration:
        ends = datetime.fromisoformat(credential.expiration)
        ends = ends if ends.tzinfo else ends.replace(tzinfo=now.tzinfo)
        if ends - now < _SOON:
            what = f"the keys are good, but only until {ends:%Y-%m-%d %H:%M}"
            return Finding(AREA, Verdict.WARNING, what, f"In time, {_NEW_KEYS}, and unlimited validity.")
    return Finding(AREA, Verdict.OK, "the keys are good and may send")


def _refused(error: DeliveryError, what: str) -> Finding:
    if isinstance(error, OvhRefused) and not error.permanent and error.code not in _REMEDIES:
        return Finding(AREA, Verdict.ERROR, f"OVH fails, asked about {what}: {error.reason}", _FAILS)
    if isinstance(error, OvhRefused):
        known = _NO_SERVICE if isinstance(error, OvhNotFound) else _REMEDIES.get(error.code)
        remedy = known or "OVH's status page may know more, else its support."
        # The account and the sender are asked about by the doctor alone: pages go out without.
        verdict = Verdict.WARNING if error.code == "NOT_GRANTED_CALL" else Verdict.ERROR
        return Finding(AREA, verdict, f"OVH refuses {what}: {error.reason}", remedy)
    return Finding(AREA, Verdict.ERROR, error.reason, _AWAY)
