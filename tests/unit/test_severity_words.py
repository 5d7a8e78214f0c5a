"""What tools call how bad it is: no word that says that it is bad is taken for a mild one."""

from __future__ import annotations

import pytest

from domain.alerts import Alert, AlertGroup, unknown_severity
from domain.severities import Severity
from domain.severity_words import severity_called

SEV1, SEV2, SEV3, SEV4 = Severity


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        *(
            (word, SEV1)
            for word in ("critical", "CRITICAL", "page", "urgent", "P0", "P1", "S1", "SEV-1", "Sev 1", "sev0")
        ),
        *(
            (word, SEV1)
            for word in (
                "Priority: 1",
                "Priorité 1",
                "Sévérité\u00a0: 1",
                "S0",
                "P1 - Critical",
                "Critical (P1)",
                "1 - Critical",
                "priority 1",
                "emerg",
                "disaster",
            )
        ),
        *(
            (word, SEV1)
            for word in ("blocker", "Highest", "AVAILABILITY", "ｃｒｉｔｉｃａｌ", "critical\u200b", "critical!")
        ),
        *((word, SEV2) for word in ("warning", "very high", "Severe", "P2-High", "Severity 2")),
        *((word, SEV3) for word in ("info", "informational", "none", "medium", "sev3")),
        *((word, SEV4) for word in ("low", "SEV5", "p5", "trivial", "SEV4_LOW")),
        *((word, SEV2) for word in ("Warning alert", "high-priority page")),
        *((word, SEV3) for word in ("Info Alert", "P3 alert", "CUSTOM_ALERT")),
        *((word, SEV1) for word in ("alert", "ALERT!", "page now", "critical alert", "paging alert")),
        ("low priority page", SEV4),
        *((word, SEV1) for word in ("critique", "Critique (P1)", "BLOQUANTE", "urgence")),
        *((word, SEV2) for word in ("Majeur", "élevée", "e\u0301leve\u0301e", "très haute", "avertissement")),
        *((word, SEV3) for word in ("mineure", "Modéré", "moyen")),
        ("faible", SEV4),
        *((word, None) for word in ("pas critique", "non bloquant", "peu grave")),
        *((word, None) for word in ("", "1", "5", "odd", "non-critical", "not urgent", "Not classified", "x" * 9999)),
    ],
)
def test_a_severity_is_what_its_tool_means(word: str, severity: Severity | None) -> None:
    assert severity_called(word) is severity


def test_a_word_that_nobody_knows_is_named() -> None:
    def group(*words: str, is_firing: bool = True) -> AlertGroup:
        alerts = [
            Alert(source="x", fingerprint=str(n), is_firing=is_firing, labels={"severity": word})
            for n, word in enumerate(words)
        ]
        return AlertGroup(source="x", key="k", alerts=tuple(alerts), title="t", labels={})

    assert unknown_severity(group("critical", "purple")) == "purple"
    assert unknown_severity(group("critical", " ")) == ""
    assert unknown_severity(group("purple", is_firing=False)) == ""
