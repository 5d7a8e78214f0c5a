"""Phone numbers as people write them, made into E.164. Pure."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat

_REGIONS = {"fr": "FR"}
"""Where a number without its country is from, by the installation's language; English says nothing of a country."""


def region_of(locale: str) -> str | None:
    """The country that a number without one belongs to, as far as the language tells."""
    return _REGIONS.get(locale)


def e164(written: str, region: str | None = None) -> str:
    """`written` as +33600000001; "" when it is no number, or does not say its country and `region` is not given."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
