"""What `vigie doctor` prints."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import asdict

import typer

from bot.doctor.findings import Finding, Verdict
from bot.doctor.visit import visit
from bot.settings import Settings

_SIGNS = {Verdict.OK: "✓", Verdict.WARNING: "!", Verdict.ERROR: "✗", Verdict.OFF: "–"}
_COLOURS = {Verdict.WARNING: typer.colors.YELLOW, Verdict.ERROR: typer.colors.RED, Verdict.OK: typer.colors.GREEN}
_AREA_WIDTH = 10


async def report(settings: Settings, wrong: dict[str, str], *, as_json: bool) -> bool:
    """Look at everything and print it, a finding as it comes or all of them as JSON. Whether there was no error."""
    findings: list[Finding] = []
    async with aclosing(visit(settings, wrong)) as coming:
        async for finding in coming:
            findings.append(finding)
            if not as_json:
                _print(finding)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        typer.echo(_summary(findings))
    return not any(finding.verdict is Verdict.ERROR for finding in findings)


def _print(finding: Finding) -> None:
    sign = typer.style(_SIGNS[finding.verdict], fg=_COLOURS.get(finding.verdict))
    typer.echo(f"{sign} {finding.area:<{_AREA_WIDTH}}{_one_line(finding.what)}")
    for line in finding.remedy.splitlines():
        typer.echo(f"  {'':<{_AREA_WIDTH}}{_one_line(line)}")


def _one_line(text: str) -> str:
    """`text` without what would move the cursor: some of it was said by others."""
    return "".join(character if character.isprintable() else " " for character in text)


def _summary(findings: list[Finding]) -> str:
    errors = sum(finding.verdict is Verdict.ERROR for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARNING for finding in findings)
    if not errors and not warnings:
        return "\nAll is well."
    return f"\n{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"
