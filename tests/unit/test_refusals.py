"""Whatever is refused to somebody in Slack is said in their language: each sentence that is raised has its French."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.errors import conflict
from blocks.import_words import said_fault
from blocks.words import words
from domain.errors import Fault

ROOT = Path(__file__).parents[2]
RAISED = {"Conflict", "NotFound", "Forbidden", "Unavailable", "Outdated", "Unfilled", "NeedsSecond", "InUse", "Fault"}
SPOKEN_TO_PROGRAMS = (
    *("handlers/alerts", "handlers/audit", "handlers/documentation", "handlers/links", "handlers/repeats"),
    *("handlers/tokens", "storage/tokens.py", "handlers/auth.py", "handlers/bodies.py", "handlers/parameters.py"),
    *("handlers/shapes.py", "handlers/documents.py", "handlers/catalog", "handlers/incidents/query.py"),
    *("handlers/oncall/feeds.py", "handlers/telephone"),
    *("handlers/promptness.py", "handlers/compression.py"),
)
"""What only the API, the command line and files lead to: English, like their field names."""
STANDING_FOR = {
    "kind": "service",
    "word": "policy",
    "self.word": "policy",
    "went.state.value.replace('_', ' ')": "done",
}
"""What stands in a sentence and is a word of ours."""


def sources() -> Iterator[Path]:
    for room in ("domain", "storage", "handlers"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if not name.startswith(SPOKEN_TO_PROGRAMS) and not path.name.startswith("http"):
                yield path


def written(node: ast.expr) -> str | None:
    """What a sentence says, with something in the place of each value; None for one that is not written there."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(map(_part, node.values))


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.FormattedValue):
        return STANDING_FOR.get(ast.unparse(node.value), "7")
    return str(node.value) if isinstance(node, ast.Constant) else ""


def sentences() -> Iterator[tuple[str, str]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
                place = 1 if node.func.id == "Fault" else 0
                said = written(node.args[place]) if len(node.args) > place else None
                if said is not None:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", said


@pytest.mark.parametrize("language", ["fr"])
def test_every_refusal_is_translated(language: str) -> None:
    found = list(sentences())
    assert len(found) > 100
    say = words(language)
    silent = [
        (place, said)
        for place, said in found
        if conflict(said, language) == conflict(said, "en") and said_fault(Fault("", said), say) == said
    ]
    assert silent == []


@pytest.mark.parametrize("kind", ["policy", "runbook", "service", "team", "person"])
@pytest.mark.parametrize("sentence", ["there is no {kind} X", "there is no {kind} X; did you mean Y?"])
def test_what_is_not_there_is_said_in_french(kind: str, sentence: str) -> None:
    told = conflict(sentence.format(kind=kind), "fr")
    assert "there is" not in told.lower()
    assert "did you mean" not in told


def test_how_yaml_is_mended_is_said_in_the_reader_s_language() -> None:
    mended = "put a text with a colon in it between quotes, or indent the line as its neighbours"
    problem = f"mapping values are not allowed here; {mended}"
    said = said_fault(Fault("", f"is not YAML: {problem}", line=2), words("fr"))
    assert said.startswith("*Ligne 2*") and said.endswith("un deux-points, ou alignez la ligne avec ses voisines")
    assert "au plus 200" in said_fault(Fault("Steps", "has 201 steps; it takes at most 200"), words("fr"))
