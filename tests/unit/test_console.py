"""Files that commands are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.console import text_of
from domain.errors import Invalid


def test_what_is_not_utf8_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_bytes("people:\n  - handle: ada\n    name: Éloïse\n".encode("cp1252"))
    with pytest.raises(Invalid) as refusal:
        text_of(file)
    [fault] = refusal.value.faults
    assert (fault.file, fault.line) == (str(file), 3)
