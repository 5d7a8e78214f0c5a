"""A team's schedule as a form: its rotations, and the coming two weeks before it is saved."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import inputs, kit
from blocks.kit import Block
from blocks.overtaken import overtaken
from blocks.schedules import Outlook, outlook
from blocks.words import Words, words
from domain.directory import Directory
from domain.oncall import EVERY_DAY, Hours, OnCall, Rotation, Unit
from domain.people import Team
from domain.schedule_drafts import (
    HIGHEST_LAYER,
    LONGEST_HOURS,
    LONGEST_NAME,
    MOST_EVERY,
    MOST_ROTATIONS,
    ScheduleDraft,
)
from domain.sequences import mark

ROTATION_FIELDS = ("name", "people", "day", "time", "every", "unit", "hours", "layer")
_PEOPLE_SHOWN = 8


def title(locale: str) -> str:
    return words(locale).say("Schedule")


def editor(draft: ScheduleDraft, shown: Outlook, now_on: Sequence[str], locale: str, *, is_resumed: bool) -> Block:
    """The form of a draft. `shown` is what it comes to once it is saved, `now_on` are the ids of those on call as it
    is today."""
    say = words(locale)
    fields, on_call = header_fields(draft.edition), draft.on_call
    blocks = _resumed(draft, say) if is_resumed else []
    blocks += [
        kit.section(f"*{kit.name(shown.team.name)}*"),
        kit.text_input(fields["zone"], say.say("Time zone"), limit=60, value=on_call.timezone),
        inputs.labelled(fields["hand_off"], say.say("Hand-off"), _hand_off(on_call, say), optional=True),
    ]
    if on_call.calendar:
        blocks.append(kit.context(say.say("A calendar from outside covers these rotations: it stays as it is.")))
    blocks += [kit.divider(), kit.section(say.say("*Rotations*"))]
    blocks += [
        _rotation(rotation, number, shown.directory, say) for number, rotation in enumerate(on_call.rotations, 1)
    ]
    if len(on_call.rotations) < MOST_ROTATIONS:
        add = kit.button(say.say("➕ Add a rotation"), "schedule.add.v1", draft.team)
        blocks += kit.actions([add, kit.button(say.say("Preview"), "schedule.preview.v1", draft.team)])
    blocks += [kit.divider(), kit.section(say.say("*The next two weeks, once it is saved*"))]
    blocks += [*_changes(shown, now_on, say), *outlook(shown, say)]
    return kit.modal(
        title(locale),
        blocks,
        callback="schedule.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{draft.team}|{draft.edition}",
    )


def header_fields(edition: int) -> dict[str, str]:
    """The blocks of the form by what they ask; drawn anew, they have other names, and nothing typed stays in them."""
    return {name: f"{name}:{edition}" for name in ("zone", "hand_off")}


def _resumed(draft: ScheduleDraft, say: Words) -> list[Block]:
    told = kit.section(say.say("📝 This is your draft of another time, not saved yet."))
    return [told, *kit.actions([kit.button(say.say("Start over"), "schedule.restart.v1", draft.team)])]


def _hand_off(on_call: OnCall, say: Words) -> Block:
    option = inputs.option(say.say("Tell whoever comes on call, and whoever goes off"), "tell")
    return inputs.checkboxes([option], ["tell"] if on_call.hand_off else [])


def _rotation(rotation: Rotation, number: int, directory: Directory, say: Words) -> Block:
    people = [directory.people[one].name for one in rotation.people if one in directory.people]
    names = " → ".join(kit.name(name, 40) for name in people[:_PEOPLE_SHOWN])
    more = len(people) - _PEOPLE_SHOWN
    facts = [
        say.say("every {length}", length=length(rotation, say)),
        say.say("from {time}", time=f"{rotation.start:%Y-%m-%d %H:%M}"),
        *(hours_words(one, say) for one in rotation.hours[:4]),
        say.say("layer {n}", n=rotation.layer) if rotation.layer else "",
    ]
    text = f"*{kit.name(rotation.name, 60)}*: {names}{' …' if more > 0 else ''}"
    choices = [
        inputs.option(say.say("Edit"), f"edit:{number}"),
        inputs.option(say.say("Remove"), f"remove:{number}:{mark(rotation)}"),
    ]
    told = " · ".join(fact for fact in facts if fact)
    return kit.section(f"{text}\n{told}", inputs.menu("schedule.rotation.v1", choices)) | {
        "block_id": f"rotation:{number}"
    }


def length(rotation: Rotation, say: Words) -> str:
    """ "2 weeks" """
    if rotation.unit is Unit.HOUR:
        return say.count("{n} hour", "{n} hours", rotation.every)
    if rotation.every % 7 == 0:
        return say.count("{n} week", "{n} weeks", rotation.every // 7)
    return say.count("{n} day", "{n} days", rotation.every)


def hours_words(one: Hours, say: Words) -> str:
    """ "Mon, Tue 09:00–18:00" """
    end = "24:00" if f"{one.end:%H:%M}" == "00:00" else f"{one.end:%H:%M}"
    times = f"{one.start:%H:%M}–{end}"
    if one.days == EVERY_DAY:
        return times
    names = (say.say("Mon"), say.say("Tue"), say.say("Wed"), say.say("Thu"), say.say("Fri"), say.say("Sat"))
    days = (*names, say.say("Sun"))
    return f"{', '.join(days[day] for day in one.days)} {times}"


def _changes(shown: Outlook, now_on: Sequence[str], say: Words) -> list[Block]:
    """Who is on call this very moment, when saving changes it."""
    then_on = [person.id for person in shown.directory.on_call(shown.team.id, shown.now)]
    if list(now_on) == then_on:
        return []
    before, after = (_names(people, shown.directory, say) for people in (now_on, then_on))
    return [kit.section(say.say("⚠️ Saving changes who is on call now: {before} → {after}", before=before, after=after))]


def _names(people: Sequence[str], directory: Directory, say: Words) -> str:
    names = tuple(kit.name(directory.people[one].name, 60) for one in people if one in directory.people)
    return f"*{say.listed(names)}*" if names else say.say("*nobody* 🚨")


def rotation_title(locale: str) -> str:
    return words(locale).say("Rotation")


def rotation_form(
    rotation: Rotation | None, picked: Sequence[str], unseen: Sequence[str], hours: str, metadata: str, locale: str
) -> Block:
    """The form of a rotation, None for a new one. `picked` are Slack ids, `unseen` the names of those without one."""
    say = words(locale)
    who = inputs.labelled(
        "people",
        say.say("People, in the order of their turns"),
        inputs.user_pickers(picked),
        optional=bool(unseen),
        hint=_unseen(unseen, say),
    )
    named = kit.text_input("name", say.say("Name"), limit=LONGEST_NAME, value=rotation.name if rotation else "primary")
    return kit.modal(
        rotation_title(locale),
        [named, who, *_when(rotation, say), *_where(rotation, hours, say)],
        callback="schedule.rotation.v1",
        submit=say.say("Keep"),
        close=say.say("Back"),
        metadata=metadata,
    )


def _when(rotation: Rotation | None, say: Words) -> list[Block]:
    every, unit = _every(rotation)
    return [
        inputs.labelled("day", say.say("The first turn begins on"), inputs.date_picker(_day(rotation))),
        inputs.labelled(
            "time",
            say.say("Hand-off at"),
            inputs.time_picker(f"{rotation.start:%H:%M}" if rotation else "09:00"),
            hint=say.say("On the clock of the team's zone, all year round."),
        ),
        inputs.labelled("every", say.say("A turn lasts"), inputs.number(1, MOST_EVERY, every)),
        inputs.labelled("unit", say.say("Counted in"), inputs.select(_units(say), unit)),
    ]


def _where(rotation: Rotation | None, hours: str, say: Words) -> list[Block]:
    """What a rotation covers, and what it covers up."""
    layer = inputs.number(0, HIGHEST_LAYER, rotation.layer if rotation else 0)
    rule = say.say("Rotations of one layer are all on call. A higher layer covers the lower ones.")
    return [
        kit.text_input(
            "hours",
            say.say("Only at these times"),
            multiline=True,
            optional=True,
            limit=LONGEST_HOURS,
            value=hours,
            hint=say.say("One a line, such as mon-fri 09:00-18:00. Left empty: always."),
        ),
        inputs.labelled("layer", say.say("Layer"), layer, optional=True, hint=rule),
    ]


def _day(rotation: Rotation | None) -> str:
    return rotation.start.date().isoformat() if rotation else ""


def _unseen(unseen: Sequence[str], say: Words) -> str:
    if not unseen:
        return say.say("People whom Vigie knows, with their Slack account.")
    return say.say("{names} have no Slack account: they stay.", names=say.listed(tuple(unseen[:10])))


def _every(rotation: Rotation | None) -> tuple[int, str]:
    if rotation is None:
        return 1, "week"
    if rotation.unit is Unit.DAY and rotation.every % 7 == 0:
        return rotation.every // 7, "week"
    return min(rotation.every, MOST_EVERY), rotation.unit.value


def _units(say: Words) -> list[Block]:
    names = {"hour": say.say("hours"), "day": say.say("days"), "week": say.say("weeks")}
    return [inputs.option(name, value) for value, name in names.items()]


def saved(team: Team, locale: str) -> Block:
    """It counts from now on."""
    say = words(locale)
    text = say.say("✅ The schedule of *{team}* is saved and counts from now on.", team=kit.name(team.name, 80))
    return kit.modal(title(locale), [kit.section(text)], callback="notice.v1", close=say.say("Close"))


def outdated(text: str, team: str, locale: str) -> Block:
    """Somebody was faster: nothing is overwritten and nothing is lost, and the author chooses."""
    return overtaken(title(locale), text, "schedule", team, locale, has_history=False)
