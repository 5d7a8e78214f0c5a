"""Webhooks that come back as they were shown: the one that is meant is put in their place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.directory import Directory
from domain.policies import PolicyStep, TargetType
from domain.webhooks import is_redacted, is_webhook, meant
from handlers.catalog.source import Fields


def restored(steps: Sequence[PolicyStep], fields: Sequence[Fields], before: Directory) -> tuple[PolicyStep, ...]:
    """`steps` with whole webhooks; one that nobody here knows is a fault of its `fields`."""
    known = tuple(
        step.target.value
        for policy in before.policies.values()
        for step in policy.steps
        if step.target.type is TargetType.CHANNEL and is_webhook(step.target.value)
    )
    return tuple(_restored(step, of, known) for step, of in zip(steps, fields, strict=True))


def _restored(step: PolicyStep, fields: Fields, known: tuple[str, ...]) -> PolicyStep:
    if step.target.type is not TargetType.CHANNEL or not is_redacted(step.target.value):
        return step
    whole = meant(step.target.value, known)
    if not whole:
        name = "target" if fields.has("target") else "target_type"
        fields.fault(name, "this webhook's key is hidden: write its whole address")
    return replace(step, target=replace(step.target, value=whole))
