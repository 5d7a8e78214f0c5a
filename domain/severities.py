"""How bad it is."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad it is, worst first."""

    SEV1 = "SEV1_CRITICAL"
    SEV2 = "SEV2_HIGH"
    SEV3 = "SEV3_MEDIUM"
    SEV4 = "SEV4_LOW"
