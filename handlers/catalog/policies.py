"""An escalation policy as the guide writes it ("Exemple de Politique Complète"), or with the API's names. Pure."""

from __future__ import annotations

import re

from domain.escalations import TEAM_LEAD
from domain.organisation import is_email
from domain.policies import Channel, PolicyStep, Target, TargetType
from handlers.catalog.drafts import PolicyDraft, severity
from handlers.catalog.organisation import CHANNEL, with_hash
from handlers.catalog.source import Fields

MOST_STEPS = 50
"""Of a policy in a file; a form takes fewer."""
_TARGET = re.compile(r"([A-Za-z](?:[A-Za-z_-]|[ ](?=[A-Za-z_ -]))*+)\s*+(?:\((.*)\))?", re.DOTALL)
_WEBHOOK = re.compile(r"https://[^\s<>]{1,500}")
_TARGETS = {one.value.replace("_", ""): one for one in TargetType}


def read(fields: Fields) -> PolicyDraft:
    """One policy with its steps."""
    steps = [(order, step, _step(order, step)) for order, step in fields.steps(MOST_STEPS)]
    draft = PolicyDraft(
        fields=fields,
        name=fields.text("policy", "name", required=True, limit=100),
        description=fields.text("description", lines=True),
        team=fields.text("team"),
        severity=severity(fields),
        is_active=fields.flag("active", "is_active", default=True),
        is_default=fields.flag("default", "is_default", default=False),
        ack_timeout=fields.minutes("ack_timeout", "ack_timeout_minutes"),
        steps=tuple(step for _, _, step in steps),
        step_fields=tuple(where for _, where, _ in steps),
    )
    fields.close()
    return draft


def _step(order: int, fields: Fields) -> PolicyStep:
    if not fields.has("delay", "delay_minutes"):
        fields.fault("delay", "is missing: minutes from the incident's creation, such as 5 minutes")
    step = PolicyStep(
        order=order,
        delay_minutes=fields.minutes("delay", "delay_minutes"),
        channels=_channels(fields),
        target=_target(fields),
        message=fields.text("message", lines=True, limit=1500),
        is_active=fields.flag("active", "is_active", default=True),
        requires_postmortem=fields.flag("postmortem", "requires_postmortem", default=False),
    )
    fields.close()
    return step


def _channels(fields: Fields) -> tuple[Channel, ...]:
    name = "type" if fields.has("type") else "notification_type"
    written = [part for text in fields.texts("type", "notification_type") for part in re.split(r"[+,&\s]+", text)]
    words = [word.upper() for word in written if word]
    unknown = [word for word in words if word not in list(Channel)]
    if unknown or not words:
        fault = f"{unknown[0]} is unknown; " if unknown else ""
        fields.fault(name, f"{fault}write one or more of {', '.join(Channel)}, such as SLACK + SMS")
    return tuple(dict.fromkeys(Channel(word) for word in words if word in list(Channel)))


def _target(fields: Fields) -> Target:
    name = "target" if fields.has("target") else "target_type"
    written = fields.text("target", "target_type", required=True)
    further = {
        TargetType.USER: fields.text("target_user"),
        TargetType.EMAIL: fields.text("target_email"),
        TargetType.CHANNEL: fields.text("target_channel"),
    }
    found = _TARGET.fullmatch(written)
    kind = _TARGETS.get(re.sub("[ _-]", "", found[1].upper())) if found else None
    if kind is None:
        if written:
            fields.fault(name, f"must be one of {', '.join(TargetType)}, such as USER (team_lead)")
        return Target(TargetType.ON_CALL)
    value = ((found[2] if found else "") or further.get(kind, "")).strip()
    return Target(kind, _checked(kind, value, name, fields))


def _checked(kind: TargetType, value: str, name: str, fields: Fields) -> str:
    match kind:
        case TargetType.ON_CALL | TargetType.TEAM:
            if value:
                fields.fault(name, f"{kind.value} takes nothing in brackets: it is the team's own")
            return ""
        case TargetType.EMAIL:
            if not is_email(value):
                fields.fault(name, "must name an address, such as EMAIL (cto@company.com)")
            return value
        case TargetType.CHANNEL:
            if _WEBHOOK.fullmatch(value):
                return value
            if not CHANNEL.fullmatch(value):
                fields.fault(name, "must name a channel, such as CHANNEL (#sre-incidents), or a Discord webhook")
            return with_hash(value)
        case TargetType.USER:
            if not value:
                fields.fault(name, "must name a person, such as USER (ada) or USER (team_lead)")
            is_lead = re.sub("[ -]", "_", value.casefold()) == TEAM_LEAD
            return TEAM_LEAD if is_lead else value.removeprefix("@")
