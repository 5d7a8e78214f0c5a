"""How bad it is."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad it is, worst first."""

    SEV1 = "SEV1_CRITICAL"
    SEV2 = "SEV2_HIGH"
    SEV3 = "SEV3_MEDIUM"
    SEV4 = "SEV4_LOW"

    @property
    def level(self) -> str:
        """`SEV1`: what people say aloud."""
        return self.value.partition("_")[0]


def severity_named(text: str) -> Severity | None:
    """`SEV1_CRITICAL` and `sev1` alike."""
    wanted = text.strip().upper()
    return next((one for one in Severity if wanted in (one.value, one.level)), None)
