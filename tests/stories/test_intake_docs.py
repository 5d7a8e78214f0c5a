"""What docs/intake.md, docs/api.md and docs/metrics.md tell people to paste does what they say."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.world import TESTER, World, read, world_on

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "intake.md").read_text("utf-8")
CURLS = [block for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) if "curl " in block]
SIGNS_OF_LIFE = [block for block in CURLS if "/heartbeats/" in block]
EXAMPLES = [block for block in CURLS if block not in SIGNS_OF_LIFE]
HEARTBEATS = [block for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if block.startswith("heartbeats:")]
CATALOG = [block for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL) if block.startswith("alert_")]
SECRET = "a secret that both sides know"
FIGURE = re.compile(r"vigie_[a-z_]+")


async def paste(world: World, example: str) -> str:
    """Run an example in a shell: what it prints."""
    environment = {
        "PATH": os.defpath,
        "VIGIE": f"http://127.0.0.1:{world.app.port}",
        "TOKEN": world.token,
        "SENTRY_CLIENT_SECRET": SECRET,
    }
    pipe = asyncio.subprocess.PIPE
    shell = await asyncio.create_subprocess_exec("sh", "-ec", example, env=environment, stdout=pipe, stderr=pipe)
    out, errors = await shell.communicate()
    assert shell.returncode == 0, errors.decode()
    return out.decode()


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="no curl or openssl here")
async def test_every_example_opens_an_incident_of_its_service(sqlite_url: str) -> None:
    assert len(EXAMPLES) == 7
    catalog = [read("organisation.yaml"), *CATALOG]
    async with world_on(sqlite_url, catalog=catalog, sentry_client_secret=(SECRET,)) as world:
        for number, example in enumerate(EXAMPLES, 1):
            answer = json.loads(await paste(world, example))
            assert answer.get("opened") or answer["status"] == "success"
            _, found = await world.get("/api/v1/incidents/?service=redis-prod")
            assert found["count"] == number, example


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
async def test_a_sign_of_life_is_heard_as_the_guide_sends_it(sqlite_url: str) -> None:
    (example,) = SIGNS_OF_LIFE
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), *HEARTBEATS]) as world:
        await paste(world, example)
        _, found = await world.get("/api/v1/heartbeats/")
    heard = {one["name"]: one["heard_at"] for one in found["results"]}
    assert heard["backup-nightly"] and not heard["prometheus"]


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
async def test_every_example_of_the_api_is_answered(world: World) -> None:
    world.token = await world.app.use_cases.tokens.create("admin", ["admin"], TESTER)
    text = (DOCS / "api.md").read_text("utf-8")
    examples = [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "curl " in block]
    assert len(examples) == 4
    said = "".join([await paste(world, example) for example in examples])
    for words in (
        "Checkout answers 500",
        "Rolled back to 4710",
        '"expected_duration": 5',
        "mttr_seconds",
        '"token": "',
    ):
        assert words in said, words
    await world.settle()
    world.expect_what_was_said()


async def test_every_figure_is_documented_and_every_documented_one_is_there(sqlite_url: str) -> None:
    text = (DOCS / "metrics.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `(vigie_[a-z_]+)`", text, re.MULTILINE))
    async with world_on(sqlite_url) as world, world.http.get("/metrics") as answer:
        figures = await answer.text()
    assert set(re.findall(r"^# HELP (\S+)", figures, re.MULTILINE)) == documented
    shown = {name.removesuffix("_bucket") for name in FIGURE.findall((DOCS / "vigie-alerts.yml").read_text("utf-8"))}
    shown |= {
        name.removesuffix("_bucket") for name in FIGURE.findall((DOCS / "vigie-dashboard.json").read_text("utf-8"))
    }
    assert shown <= documented


def test_the_rules_and_the_dashboard_can_be_read() -> None:
    rules = yaml.safe_load((DOCS / "vigie-alerts.yml").read_text("utf-8"))
    assert all(rule["expr"] and rule["annotations"] for group in rules["groups"] for rule in group["rules"])
    dashboard = json.loads((DOCS / "vigie-dashboard.json").read_text("utf-8"))
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


async def test_what_is_sent_is_counted_with_how_late_it_was(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        await world.alert()
        await world.advance(minutes=5)
        async with world.http.get("/metrics") as answer:
            figures = await answer.text()
    for line in (
        'vigie_notifications_total{channel="SLACK",outcome="sent"}',
        'vigie_notifications_total{channel="SMS",outcome="sent"} 1.0',
        'vigie_notifications_total{channel="PHONE",outcome="failed"} 0.0',
        'vigie_notification_lateness_seconds_bucket{channel="SMS",le="900.0"} 1.0',
        "vigie_socket_connections 2.0",
        "vigie_database_up 1.0",
        'vigie_outbox_depth{lane="posts"} 0.0',
    ):
        assert line in figures
