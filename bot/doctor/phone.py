"""Telephone calls: the voice gateway answers and knows the secret, or OVH's line is there; and what they can't do."""

from __future__ import annotations

from bot.doctor.absence import off
from bot.doctor.database import Database
from bot.doctor.findings import Check, Finding, Verdict
from bot.notifiers.base import CallNotifier
from bot.notifiers.ovh_api import OvhNotFound
from bot.notifiers.ovh_calls import OvhCalls
from bot.notifiers.voice_gateway import VoiceGateway
from bot.settings import Settings, phone_fault
from bot.transports import phone
from domain.errors import DeliveryError
from domain.policies import Channel

AREA = "telephone"
_RINGS_ONLY = (
    "PHONE_PROVIDER=ovh RINGS ONLY: no word is spoken, no key is heard, and nobody says whether it was answered"
)
_GATEWAY = "Use PHONE_PROVIDER=gateway (docs/phone.md) for calls that speak and can be answered."
_KEYS = "Are the OVH_ keys good? For calls they need GET and POST on /telephony/*."
_LATER = "Look again in a while, and whether OVH_ENDPOINT is right and reachable from here."
_REFUSED = (401, 403)
_NO_LOOK = (404, 405, 501)


class Phone:
    """The checks of telephone calls, or of there being none."""

    def __init__(self, settings: Settings, database: Database | None) -> None:
        self._settings = settings
        self._database = database
        self._fault = phone_fault(settings)
        self._calls: CallNotifier | None = None if self._fault else phone(settings)

    @property
    def checks(self) -> list[Check]:
        if self._calls is None:
            return [Check(AREA, self.absent)]
        if isinstance(self._calls, VoiceGateway):
            return [Check(AREA, self.gateway), Check(AREA, self.answers)]
        return [Check(AREA, self.line), Check(AREA, self.limits)]

    async def close(self) -> None:
        if self._calls is not None:
            await self._calls.close()

    async def absent(self) -> Finding:
        """Calls that are off on purpose, by mistake, or although policies count on them."""
        if self._fault:
            name, why = self._fault
            return Finding(AREA, Verdict.ERROR, f"{name} {why}", "Set them as .env.example says, or none of them.")
        return await off(AREA, Channel.PHONE, self._database, "Set PHONE_PROVIDER (.env.example says which there are).")

    async def gateway(self) -> Finding:
        """Whether the gateway answers, and takes our signature. Nobody's telephone rings."""
        assert isinstance(self._calls, VoiceGateway)
        try:
            status = await self._calls.check()
        except DeliveryError as error:
            return Finding(AREA, Verdict.ERROR, error.reason, "Is PHONE_GATEWAY_URL right and reachable from here?")
        if status in _REFUSED:
            what = f"the voice gateway refuses our signature (status {status})"
            remedy = "PHONE_GATEWAY_SECRET must be the gateway's; compare the clocks too."
            return Finding(AREA, Verdict.ERROR, what, remedy)
        if status in _NO_LOOK:
            what = f"the voice gateway is there, but does not answer a signed GET (status {status}): nothing is proved"
            remedy = "docs/phone.md says what it should answer; or try `/oncall test-me`."
            return Finding(AREA, Verdict.WARNING, what, remedy)
        if status >= 300:
            what = f"the voice gateway answers with status {status}"
            return Finding(AREA, Verdict.ERROR, what, "It can't call now: look at its own log.")
        return Finding(AREA, Verdict.OK, "the voice gateway answers and knows the secret")

    async def answers(self) -> Finding:
        """Whether the gateway has an address to say what was pressed."""
        missing = [name for name in ("PUBLIC_URL", "SECRET_KEY") if not getattr(self._settings, name.lower())]
        if missing:
            what = f"no key acknowledges, and a call that nobody answers is not known: {' and '.join(missing)} not set"
            return Finding(AREA, Verdict.WARNING, what, "Set both: the gateway calls back there.")
        return Finding(AREA, Verdict.OK, f"keys and what became of a call come to {self._settings.public_url}/p/…")

    async def line(self) -> Finding:
        """Whether OVH has the line that rings first."""
        assert isinstance(self._calls, OvhCalls)
        name = self._settings.phone_ovh_line
        try:
            await self._calls.check()
        except OvhNotFound:
            what = f"OVH knows no line {name} of the billing account {self._settings.phone_ovh_billing_account}"
            return Finding(AREA, Verdict.ERROR, what, "Look both up in OVH's control panel, under Telephony.")
        except DeliveryError as error:
            remedy = _KEYS if error.permanent else _LATER
            return Finding(AREA, Verdict.ERROR, error.reason, remedy)
        return Finding(AREA, Verdict.OK, f"OVH has the line {name}")

    async def limits(self) -> Finding:
        """What such a call can't do."""
        return Finding(AREA, Verdict.WARNING, _RINGS_ONLY, _GATEWAY)
