"""Runbooks in YAML, in and out of Slack: pasted, as a file, looked at first, refused line by line, and exported."""

from __future__ import annotations

import pytest

from bot.demo.errors import FormIncomplete
from bot.demo.visible import words
from storage import catalog
from tests.stories.test_runbook_editor import NAME, Editor, audited, current
from tests.world import World, read, world_on

NEW = """
Title: Restart it
Service: redis
Steps:
  - {title: Restart the node, command: systemctl restart redis, duration: 5}
  - title: Verify the graphs
    checklist: [latency, errors]
    duration: 2
"""


async def importing(world: World, name: str = "john") -> Editor:
    home = await world.home(name)
    await home.click("Runbooks")
    await home.click("Import YAML")
    return Editor(world, name)


async def test_pasted_looked_at_and_imported(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml")]) as world:
        john = await importing(world)
        assert (await john.submit({"text": NEW})).outcome == "updated"
        assert "*1 runbook is new*" in john.words
        assert "➕ *Restart it*: new, 2 steps" in john.words
        assert "changes something and has no rollback" in john.words
        directory = await world.app.store.read(catalog.directory)
        person = directory.person_by_handle("john")
        assert person and not directory.runbooks
        assert (await john.submit()).outcome == "updated"
        assert "*Restart it* is saved: it is v1 now." in john.words
        book = await current(world, "Restart it")
        assert book.steps[1].checklist == ("latency", "errors")
        assert (await world.app.store.read(audited))[-1] == (f"person:{person.id}", "runbook.import")
        assert john.member.home is not None and "Restart it" in words(john.member.home.blocks)


async def test_what_changes_is_said_in_words(world: World) -> None:
    await world.load([NEW])
    john = await importing(world)
    changed = NEW.replace("duration: 5", "duration: 9").replace("[latency, errors]", "[latency]")
    await john.submit({"text": f"{changed}---\nTitle: Another\nSteps: [{{title: Look}}]"})
    for line in (
        "*1 runbook is new, 1 runbook changes*",
        "✏️ *Restart it*: v1 changes",
        "Step 1: Restart the node · about 5 min → Restart the node · about 9 min",
        "Step 2, checklist: latency / errors → latency",
        "things to mend in Another",
    ):
        assert line in john.words, (line, john.words)
    await john.submit()
    assert "*Restart it* is saved: it is v2 now." in john.words


async def test_faults_are_named_by_line_and_field_and_nothing_is_lost(world: World) -> None:
    john = await importing(world)
    wrong = NEW.replace("duration: 5", "duration: soon").replace("Service: redis", "Service: radis")
    await john.submit({"text": wrong})
    for line in (
        "*2 faults: nothing is imported.*",
        "*Line 3, service*: there is no service radis; did you mean redis?",
        "*Line 5, Steps[1].duration*: must be a length",
    ):
        assert line in john.words, (line, john.words)
    assert "duration: soon" in str(john.view.values)
    await john.member.close()
    await importing(world)
    assert "duration: soon" in str(john.view.values)
    await john.submit({"text": "Title: [x"})
    assert "*Line 1*: is not YAML" in john.words
    await john.submit({"text": ""})
    assert "paste the YAML of a runbook, or choose a file" in john.words
    await john.submit({"text": NEW})
    assert "*1 runbook is new*" in john.words


async def test_only_runbooks_are_imported(world: World) -> None:
    john = await importing(world)
    people = "people: [{handle: eve, name: Eve, role: admin}]\n---\n"
    await john.submit({"text": people + read("guide.yaml").split("---")[-1][:2000] + "\n---" + NEW})
    assert "is no runbook: only runbooks are imported here" in john.words
    directory = await world.app.store.read(catalog.directory)
    assert directory.person_by_handle("eve") is None


@pytest.mark.parametrize(
    "others",
    [
        'overrides: [{team: SRE Core, person: ada, start: "2027-01-05T09:00", end: "2027-01-06T09:00"}]',
        "heartbeats: [{name: backup, service: redis, every: 1h}]",
        "alert_rules: [{name: noise, when: {service: redis}, severity: SEV4_LOW}]",
        "alert_mappings: [{name: Zabbix, title: /trigger}]",
    ],
)
async def test_what_is_no_runbook_is_never_left_out_unsaid(world: World, others: str) -> None:
    john = await importing(world)
    await john.submit({"text": f"{others}\n---{NEW}"})
    assert "is no runbook: only runbooks are imported here" in john.words, john.words


async def test_a_file_holds_more_than_a_field(world: World) -> None:
    steps = "".join(f"\n  - {{title: Look at {n}, description: '{'x' * 200}', duration: 2}}" for n in range(40))
    john = await importing(world)
    outcome = await john.submit({"file": [john.member.file("big.yaml", f"Title: Big\nSteps:{steps}\n")]})
    assert outcome.outcome == "updated" and "➕ *Big*: new, 40 steps" in john.words
    await john.submit()
    assert len((await current(world, "Big")).steps) == 40


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Title: \xff\xfe", "the file is no text in UTF-8"),
        (b"x" * (1024 * 1024 + 1), "the file is larger than 1 MiB"),
        (b"", "paste the YAML of a runbook, or choose a file"),
        (b"\xef\xbb\xbfTitle: Look\r\nSteps:\r\n  - {titel: x}\r\n", "did you mean title?"),
    ],
)
async def test_a_file_that_is_wrong_says_so(sqlite_url: str, content: bytes, said: str) -> None:
    async with world_on(sqlite_url) as world:
        john = await importing(world)
        await john.submit({"text": NEW, "file": [john.member.file("x.yml", content)]})
        assert said in john.words, john.words
        assert "Title: Restart it" in str(john.view.values)
        with pytest.raises(FormIncomplete):
            await john.submit({"file": [john.member.file("x.exe", b"MZ")]})


async def test_slack_keeps_the_file_to_itself(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        john = await importing(world)
        file = john.member.file("x.yml", NEW)
        await john.submit({"text": NEW, "file": [{**file, "url_private_download": "http://127.0.0.1:9/steal"}]})
        assert "Slack did not give the file: try again, or paste its text" in john.words
        world.outside.slack.backend.scopes = frozenset({"chat:write", "im:write", "commands"})
        await john.submit({"file": [file]})
        assert "does the app have the scope files:read?" in john.words
        assert "Title: Restart it" in str(john.view.values)


async def test_somebody_saves_between_the_look_and_the_import(world: World) -> None:
    await world.load([NEW])
    john = await importing(world)
    await john.submit({"text": NEW.replace("duration: 5", "duration: 9")})
    await world.load([NEW.replace("duration: 5", "duration: 7")])
    await john.submit()
    assert "Somebody changed these runbooks meanwhile" in john.words
    assert "about 7 min → Restart the node · about 9 min" in john.words
    await john.submit()
    assert "it is v3 now" in john.words


async def test_a_run_under_way_keeps_its_version(world: World) -> None:
    await world.alert()
    world.expect_what_was_said()
    john = await importing(world)
    guide = read("guide.yaml").split("---")[0].replace("Évaluer", "Regarder")
    await john.submit({"file": [john.member.file("guide.yaml", guide)]})
    await john.submit()
    assert "1 run under way keeps its version." in john.words


async def test_an_export_imported_changes_nothing(world: World) -> None:
    await world.load([NEW])
    john = await Editor(world, "john").open(title="Restart it")
    await john.click("Export YAML")
    told = john.view.blocks[-1]["elements"][0]["elements"][0]["text"]
    await john.member.close(everything=True)
    await importing(world)
    await john.submit({"text": told})
    assert "there is nothing to import" in john.words
    assert "submit" not in john.view.body


async def test_a_long_one_is_sent_as_a_file(world: World) -> None:
    steps = "".join(f"\n  - {{title: Look at {n}, description: '{'x' * 200}', duration: 2}}" for n in range(40))
    await world.load([f"Title: Big / one\nSteps:{steps}\n"])
    john = await Editor(world, "john").open(title="Big / one")
    await john.click("Export YAML")
    assert "it is in your messages with Vigie" in john.words and "big-one.yaml" in john.words
    message = john.member.direct_messages[-1]
    world.expect_what_was_said()
    content = world.outside.workspace.files[message.files[0]["id"]]["content"].decode()
    await john.member.close(everything=True)
    await importing(world)
    await john.submit({"file": [john.member.file("big-one.yaml", content)]})
    assert "there is nothing to import" in john.words


async def test_without_the_scope_the_other_way_is_said(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        john = await Editor(world, "john").open(title=NAME)
        world.outside.slack.fail_next("files.getUploadURLExternal", "missing_scope")
        await john.click("Export YAML")
        fits = f"Title: {NAME}" in john.words
        assert fits or "the app needs the scope files:write" in john.words


async def test_a_responder_is_refused(database_url: str) -> None:
    people = read("organisation.yaml").replace("slack: U02JOHN}", "slack: U02JOHN, role: responder}")
    async with world_on(database_url) as world:
        john = await importing(world)
        await world.load([people])
        assert "takes the role operator" in str((await john.submit({"text": NEW})).view)
        await john.member.close()
        assert "Restart it" not in str(await world.app.store.read(catalog.directory))


async def test_in_french(sqlite_url: str) -> None:
    people = read("organisation.yaml").replace("slack: U02JOHN}", "slack: U02JOHN, locale: fr}")
    async with world_on(sqlite_url, catalog=[people]) as world:
        home = await world.home("john")
        await home.click("Runbooks")
        await home.click("Importer du YAML")
        john = Editor(world, "john")
        await john.submit({"text": NEW.replace("duration: 5", "duration: soon")})
        assert "*Ligne 5, Steps[1].duration*\u00a0: doit être une durée" in john.words
        await john.submit({"text": NEW})
        assert "➕ *Restart it*\u00a0: nouveau, 2 étapes" in john.words
        await john.submit()
        assert "est enregistré\u00a0: c'est la v1." in john.words
