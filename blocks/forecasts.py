"""What a policy would do, as a time line for Slack and for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from blocks import kit
from blocks.escalations import channel_names
from blocks.kit import Block, Message
from blocks.text import clip, one_line
from blocks.timeline import REASONS
from blocks.words import Words, words
from domain.forecasts import Forecast
from domain.policies import Choice, TargetType
from domain.simulation import Miss, PlannedPage, PlannedStep, Why

Tidy = Callable[[str, int], str]
_NAME = 80
_STEPS_SHOWN = 20
_LINES_A_STEP = 12
_TEXT_SHOWN = 3000


def simulation(forecast: Forecast, locale: str) -> list[Block]:
    """The forecast as blocks for a message or a modal: a head, and a line of time for each step."""
    say = words(locale)
    steps = forecast.simulation.steps
    blocks = [kit.section(f"*{_title(forecast, say, kit.name)}*"), kit.context(*_facts(forecast, say, kit.name))]
    for step in steps[:_STEPS_SHOWN]:
        head, *lines = _step(step, forecast, say, kit.name)
        blocks.append(kit.section("\n".join((f"*{head}*", *lines))))
    if len(steps) > _STEPS_SHOWN:
        blocks.append(kit.context(say.count("and {n} more step", "and {n} more steps", len(steps) - _STEPS_SHOWN)))
    return [*blocks, kit.context(_end(forecast, say))]


def foretold(forecast: Forecast, locale: str) -> Message:
    """The answer to whoever asked by a command."""
    return Message(kit.escape(simulation_text(forecast, locale), _TEXT_SHOWN), simulation(forecast, locale))


def simulation_text(forecast: Forecast, locale: str) -> str:
    """The same as plain text, for a terminal."""
    say = words(locale)
    lines = [_title(forecast, say, _plain), *_facts(forecast, say, _plain), ""]
    for step in forecast.simulation.steps:
        head, *below = _step(step, forecast, say, _plain)
        lines += [head, *(f"    {line}" for line in below)]
    return "\n".join([*lines, _end(forecast, say)])


def _plain(text: str, limit: int = 200) -> str:
    return clip(one_line(text), limit)


def _title(forecast: Forecast, say: Words, tidy: Tidy) -> str:
    return say.say(
        "{severity} of {service}, {at} ({zone}), if nobody acknowledges",
        severity=forecast.severity.level,
        service=tidy(forecast.service.name, _NAME),
        at=say.date(forecast.at, forecast.zone),
        zone=tidy(forecast.zone, _NAME),
    )


def _facts(forecast: Forecast, say: Words, tidy: Tidy) -> list[str]:
    channel = forecast.simulation.incident.channel
    card = say.say("Card at once in {channel}", channel=tidy(channel, _NAME)) if channel else ""
    missing = say.say("⚠️ No team's channel gets the card")
    return [_policy(forecast, say, tidy), _runbook(forecast, say, tidy), card or missing]


def _policy(forecast: Forecast, say: Words, tidy: Tidy) -> str:
    policy = forecast.policy
    if policy is None or forecast.choice is None:
        return say.say("🚨 No policy fits: nobody is paged")
    named = {"policy": tidy(policy.name, _NAME), "version": policy.version, "team": tidy(forecast.team, _NAME)}
    return {
        Choice.TEAM_SEVERITY: say.say("Policy {policy} v{version}: {team}'s for this severity", **named),
        Choice.TEAM_DEFAULT: say.say("Policy {policy} v{version}: {team}'s default", **named),
        Choice.INSTANCE_DEFAULT: say.say("Policy {policy} v{version}: the default for every team", **named),
    }[forecast.choice]


def _runbook(forecast: Forecast, say: Words, tidy: Tidy) -> str:
    titles = tuple(tidy(book.title, _NAME) for book in forecast.runbooks[:5])
    if not titles:
        return say.say("No runbook fits")
    if len(titles) == 1:
        return say.say("Runbook {title}", title=titles[0])
    return say.say("Several runbooks fit, to choose from: {titles}", titles=say.listed(titles))


def _step(step: PlannedStep, forecast: Forecast, say: Words, tidy: Tidy) -> list[str]:
    """A head with the time, then a line for each person and for what is not reached."""
    head = say.say(
        "T+{minute} · {clock} · step {step}",
        minute=step.minute,
        clock=say.clock(step.at, forecast.zone),
        step=step.step.order,
    )
    if step.is_early:
        head += " " + say.say("(at once, instead of T+{minute})", minute=step.step.delay_minutes)
    lines = [*_pages(step, forecast, say, tidy), *(_miss(miss, say, tidy) for miss in step.misses)]
    if step.said_in:
        lines.append(say.say("said in the message of step {step}", step=step.said_in))
    if not step.pages and not step.said_in:
        lines.append(say.say("⚠️ reaches nobody"))
    if step.next_at_once:
        lines.append(say.say("↪ the next step fires at once"))
    if len(lines) > _LINES_A_STEP:
        more = len(lines) - _LINES_A_STEP + 1
        lines = [*lines[: _LINES_A_STEP - 1], say.count("and {n} more line", "and {n} more lines", more)]
    return [head, *lines]


def _pages(step: PlannedStep, forecast: Forecast, say: Words, tidy: Tidy) -> Iterator[str]:
    """One line a person: "SMS and direct message to John Doe (on call in SRE Core, primary until Mon 09:00)"."""
    together: dict[tuple[str, str], list[PlannedPage]] = {}
    for page in step.pages:
        together.setdefault((page.person, page.name), []).append(page)
    for (_, name), pages in together.items():
        channels = tuple(dict.fromkeys(page.channel for page in pages))
        line = say.say("{channels} to {names}", channels=channel_names(channels, (name,), say), names=tidy(name, _NAME))
        why = _why(pages[0].why, forecast, step.at, say, tidy)
        yield f"{line} ({why})" if why else line


def _why(why: Why, forecast: Forecast, now: datetime, say: Words, tidy: Tidy) -> str:
    team = tidy(why.team, _NAME)
    if why.rotation and why.until:
        return say.say(
            "on call in {team}, rotation {rotation} until {until}",
            team=team,
            rotation=tidy(why.rotation, _NAME),
            until=_until(why.until, forecast.zone, now, say),
        )
    if why.is_lead:
        return say.say("leads {team}", team=team)
    return {
        TargetType.ON_CALL: say.say("on call in {team}", team=team),
        TargetType.TEAM: say.say("in {team}", team=team),
        TargetType.USER: say.say("named in the step"),
        TargetType.EMAIL: say.say("address in the step"),
        TargetType.CHANNEL: "",
    }[why.target]


def _until(until: datetime, zone: str, now: datetime, say: Words) -> str:
    """A day of this week by its name, a later one by its date."""
    if until - now < timedelta(days=7):
        return format_datetime(until.astimezone(ZoneInfo(zone)), "EEE HH:mm", locale=say.language)
    return say.date(until, zone)


def _miss(miss: Miss, say: Words, tidy: Tidy) -> str:
    reason = tidy(REASONS.translate(miss.reason, say), 300)
    if miss.channel is None:
        return f"⚠️ {reason}"
    name = tidy(miss.name, _NAME)
    if not miss.instead:
        return say.say("⚠️ {reason}: {name} is not told that way", reason=reason, name=name)
    instead = channel_names(miss.instead, (), say)
    return say.say("⚠️ {reason}: {channel} instead for {name}", reason=reason, channel=instead, name=name)


def _end(forecast: Forecast, say: Words) -> str:
    steps = forecast.simulation.steps
    if not steps:
        return say.say("🚨 Nobody is paged. Give the team a policy, or the instance a default one.")
    if not any(step.pages for step in steps):
        return say.say("🚨 No step of this policy reaches anybody.")
    return say.say("After T+{minute} nobody else is paged.", minute=steps[-1].minute)
