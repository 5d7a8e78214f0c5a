"""An escalation policy in modals: read by everybody, written by admins, with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import inputs, kit
from blocks.home_rows import team_name
from blocks.incidents import severity_name
from blocks.kit import Block, Confirm
from blocks.overtaken import overtaken
from blocks.policy_steps import step_words
from blocks.previews import SAVED, Place
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.directory import Directory
from domain.drafts import MOST_MINUTES, Draft
from domain.incidents import Severity
from domain.people import Actor, Permission, may
from domain.policies import Policy, PolicyStep
from domain.policy_drafts import LONGEST_DESCRIPTION, LONGEST_NAME, MOST_STEPS
from domain.sequences import mark

EVERY = "every"
"""The value of "every team" and of "every severity"."""
_MESSAGE_SHOWN = 200
_TITLE_SHOWN = 80


def title(locale: str) -> str:
    return words(locale).say("Policy")


def shown(policy: Policy, directory: Directory, actor: Actor, locale: str) -> Block:
    """A policy to read; whoever may change it has the buttons for it."""
    say = words(locale)
    blocks = [kit.header(policy.name), kit.context(" · ".join(_facts(policy, directory, say)))]
    if policy.description.strip():
        blocks.append(kit.paragraph(policy.description))
    blocks += [kit.section(_step(step, directory, say)) for step in policy.steps[:MOST_STEPS]]
    changes = _changes(policy, say) if may(actor.role, Permission.POLICIES) else []
    blocks += kit.actions([*changes, *_foretelling(policy, say)])
    return kit.modal(title(locale), blocks, callback="policy.show.v1", close=say.say("Close"), metadata=policy.id)


def _facts(policy: Policy, directory: Directory, say: Words) -> list[str]:
    facts = [
        team_name(directory.teams.get(policy.team), say),
        severity_name(policy.severity_filter) if policy.severity_filter else say.say("every severity"),
        say.say("default") if policy.is_default else "",
        "" if policy.is_active else say.say("(inactive)"),
        f"v{policy.version}",
    ]
    if policy.ack_timeout_minutes:
        silence = say.minutes(policy.ack_timeout_minutes)
        facts.append(say.say("pages again after {time} of silence", time=silence))
    return [fact for fact in facts if fact]


def _changes(policy: Policy, say: Words) -> list[Block]:
    switch = say.say("Deactivate") if policy.is_active else say.say("Activate")
    name = clip(one_line(policy.name), _TITLE_SHOWN)
    asked = (
        say.say("“{name}” pages nobody from now on. Open incidents keep it.", name=name)
        if policy.is_active
        else say.say("“{name}” pages people again from now on.", name=name)
    )
    dialog = Confirm(say.say("Are you sure?"), asked, switch, say.say("Cancel"))
    verb = "off" if policy.is_active else "on"
    return [
        kit.button(say.say("Edit"), "policy.edit.v1", policy.id, style="primary"),
        kit.button(say.say("History"), "policy.history.v1", policy.id),
        kit.button(switch, "policy.switch.v1", f"{policy.id}|{verb}", confirm=dialog),
    ]


def _foretelling(policy: Policy, say: Words) -> list[Block]:
    """Whom it pages is everybody's to know."""
    return [kit.button(say.say("🔮 Who is paged?"), "policy.preview.v1", str(Place(SAVED, policy.id)))]


def _step(step: PolicyStep, directory: Directory, say: Words) -> str:
    """One step: when, how, whom, and what it says."""
    lines = [f"*{step.order}.* {step_words(step, directory, say)}"]
    if step.message.strip():
        lines.append(f"> {kit.name(step.message, _MESSAGE_SHOWN)}")
    return "\n".join(lines)


def editor(
    draft: Draft[Policy],
    directory: Directory,
    locale: str,
    *,
    is_resumed: bool = False,
    findings: Sequence[Block] = (),
) -> Block:
    """The form of a policy with its steps. `findings` stand below them, before it is saved: what good practice says,
    and who would be paged when."""
    say = words(locale)
    policy = draft.document
    blocks = _resumed(draft, say) if is_resumed else []
    blocks += [*_header(draft, directory, say), kit.divider(), kit.section(say.say("*Steps*"))]
    blocks += [_editable(step, policy.steps, directory, say) for step in policy.steps[:MOST_STEPS]]
    if not policy.steps:
        blocks.append(kit.section(say.say("No step yet: add the first, at 0 minutes.")))
    if len(policy.steps) < MOST_STEPS:
        blocks += kit.actions([kit.button(say.say("➕ Add a step"), "policy.add.v1", "add")])
    return kit.modal(
        say.say("New policy") if draft.is_new else say.say("Edit the policy"),
        [*blocks, *findings],
        callback="policy.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{draft.key}|{draft.edition}",
    )


def _resumed(draft: Draft[Policy], say: Words) -> list[Block]:
    told = kit.section(say.say("📝 This is your draft of another time, not saved yet."))
    return [told, *kit.actions([kit.button(say.say("Start over"), "policy.restart.v1", draft.key or "new")])]


def _header(draft: Draft[Policy], directory: Directory, say: Words) -> list[Block]:
    policy, fields = draft.document, header_fields(draft.edition)
    every = inputs.option(say.say("Every team"), EVERY)
    teams = sorted(directory.teams.values(), key=lambda team: team.name.casefold())
    options = [every, *(inputs.option(team.name or "…", team.id) for team in teams)]
    timeout = policy.ack_timeout_minutes or None
    return [
        kit.text_input(fields["name"], say.say("Name"), limit=LONGEST_NAME, value=policy.name),
        inputs.labelled(fields["team"], say.say("Team"), inputs.select(options, policy.team or EVERY)),
        inputs.labelled(fields["severity"], say.say("Severity"), _severities(policy, say)),
        inputs.labelled(fields["flags"], say.say("Use"), _flags(policy, say), optional=True),
        kit.text_input(
            fields["description"],
            say.say("What is expected of whoever is paged?"),
            multiline=True,
            optional=True,
            limit=LONGEST_DESCRIPTION,
            value=policy.description,
        ),
        inputs.labelled(
            fields["ack_timeout"],
            say.say("Page again after so many minutes of silence"),
            inputs.number(0, MOST_MINUTES, timeout),
            optional=True,
            hint=say.say("Silence is an acknowledged incident in which no step is done and no note is written."),
        ),
    ]


def header_fields(edition: int) -> dict[str, str]:
    """The blocks of the form by what they ask; drawn anew, they have other names, and nothing typed stays in them."""
    names = ("name", "team", "severity", "flags", "description", "ack_timeout")
    return {name: f"{name}:{edition}" for name in names}


def _severities(policy: Policy, say: Words) -> Block:
    options = [inputs.option(say.say("Every severity"), EVERY)]
    options += [inputs.option(severity_name(severity), severity.value) for severity in Severity]
    return inputs.select(options, policy.severity_filter.value if policy.severity_filter else EVERY)


def _flags(policy: Policy, say: Words) -> Block:
    options = [
        inputs.option(say.say("Active"), "active"),
        inputs.option(say.say("Default: also for severities without a policy"), "default"),
    ]
    chosen = [("active", policy.is_active), ("default", policy.is_default)]
    return inputs.checkboxes(options, [value for value, is_chosen in chosen if is_chosen])


def _editable(step: PolicyStep, steps: tuple[PolicyStep, ...], directory: Directory, say: Words) -> Block:
    """A step with what can be done to it; one that fires before the step above it says so."""
    above = steps[: step.order - 1]
    text = _step(step, directory, say)
    if above and step.delay_minutes < above[-1].delay_minutes:
        text += "\n" + say.say("⚠️ Fires before the step above it.")
    choices, seen = [inputs.option(say.say("Edit"), f"edit:{step.order}")], mark(step)
    if above:
        choices.append(inputs.option(say.say("Move up"), f"up:{step.order}:{seen}"))
    if step.order < len(steps):
        choices.append(inputs.option(say.say("Move down"), f"down:{step.order}:{seen}"))
    choices.append(inputs.option(say.say("Remove"), f"remove:{step.order}:{seen}"))
    return kit.section(text, inputs.menu("policy.step.v1", choices)) | {"block_id": f"step:{step.order}"}


def saved(policy: Policy, kept: Mapping[int, int], locale: str, *, is_changed: bool) -> Block:
    """What became of it, and that open incidents go on with what they began with."""
    say = words(locale)
    said = {"name": kit.name(policy.name), "version": policy.version}
    if is_changed:
        lines = [say.say("✅ *{name}* is saved as v{version}.", **said)]
    else:
        lines = [say.say("*{name}* says the same as before: it stays v{version}.", **said)]
    if not policy.is_active:
        lines.append(say.say("It is not active: it pages nobody."))
    lines += [
        say.count("{n} open incident keeps v{old}.", "{n} open incidents keep v{old}.", count, old=number)
        for number, count in list(kept.items())[:10]
    ]
    return kit.modal(
        title(locale), [kit.section("\n".join(lines))], callback="notice.v1", close=say.say("Close"), metadata=policy.id
    )


def outdated(text: str, key: str, locale: str) -> Block:
    """Somebody was faster: nothing is overwritten and nothing is lost, and the author chooses."""
    return overtaken(title(locale), text, "policy", key, locale)
