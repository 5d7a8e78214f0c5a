"""What a voice says of foreign words: nothing that it can't."""

from __future__ import annotations

import pytest

from blocks.telephone import speakable, spoken
from tests.unit.test_notification_words import page


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("⚠️ INC-SHUMKC SEV1: Redis", "INC-SHUMKC SEV1: Redis"),
        ("👩‍💻 on it", "on it"),
        ("press 1️⃣ now", "press 1 now"),
        ("Relancez *vite* <https://x.example|ici>", "Relancez vite"),
    ],
)
def test_only_what_can_be_said(written: str, said: str) -> None:
    assert speakable(written, 200) == said


def test_a_call_says_what_is_broken_whatever_its_message_says() -> None:
    said = spoken(page(message="🔴 LEVEL 2: {incident.short_id}\nNobody answers"), hears_keys=True)
    what = "Critical incident: Redis Cluster Down. Service: redis-prod."
    assert said == (
        f"This is Vigie, calling Ada Admin. {what} LEVEL 2: INC-ABC234. Nobody answers. Press 1 to acknowledge,"
        " 2 to escalate."
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"why": "reassigned: Bob"}, "redis-prod. Pour vous : Bob vous le confie. Appuyez"),
        ({"missed": (1, 2)}, "redis-prod. Vaut aussi pour les étapes 1, 2, manquées (Vigie arrêtée). Appuyez"),
        ({"why": "SRE Core v1, step 2 at 5 min, ON_CALL"}, "redis-prod. Appuyez"),
    ],
)
def test_a_call_without_a_message_says_why_it_rings(changes: dict[str, object], said: str) -> None:
    assert said in spoken(page(locale="fr", **changes), hears_keys=True)
