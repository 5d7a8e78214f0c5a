"""What stands below a policy's steps before it is saved: what good practice says, who is paged, what changes."""

from __future__ import annotations

from blocks import kit
from blocks.findings import findings
from blocks.forecasts import simulation
from blocks.kit import Block
from blocks.words import words
from domain.previews import Preview


def preview(shown: Preview, locale: str) -> list[Block]:
    """At most some fifty blocks: a modal takes a hundred."""
    say = words(locale)
    blocks = [kit.divider(), kit.section(say.say("*What good practice says*")), *findings(shown.findings, locale)]
    blocks += [kit.divider(), kit.section(say.say("*Who is paged, if it happened now*"))]
    if shown.forecast is None:
        return [*blocks, kit.context(say.say("No service's incident gets this policy as it is."))]
    blocks += simulation(shown.forecast, locale)
    blocks += [kit.divider(), kit.section(say.say("*What changes against today*"))]
    if not shown.changes:
        return [*blocks, kit.context(say.say("Nothing changes for it."))]
    return [*blocks, *findings(shown.changes, locale)]
