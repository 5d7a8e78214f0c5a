"""Settings: the environment (and `.env`) read once into a frozen value. Nothing else reads the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import setting_values
from bot.notifiers.senders import mailbox, sms_sender
from domain.errors import VigieError
from domain.policies import Channel
from domain.storms import USUAL, Limits, limits_of

LANGUAGES = ("en", "fr")
SHORTEST_SECRET = 16
SLACK_API_URL = "https://slack.com/api/"
OVH = ("ovh_application_key", "ovh_application_secret", "ovh_consumer_key", "ovh_sms_service")


class BadSetting(VigieError):
    """A setting that stops the start: one line that names it and says how to mend it."""


class Settings(BaseSettings):
    """Every setting, by its name in lower case. An empty text means that the channel or feature is off."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    slack_bot_token: str = ""
    slack_app_token: str = ""
    slack_api_url: str = SLACK_API_URL
    database_url: str = "sqlite:///vigie.db"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    secret_key: str = ""
    secret_key_fallbacks: Annotated[tuple[str, ...], NoDecode] = ()
    """Keys of before: what was signed and sealed with them counts on."""
    admin_users: Annotated[frozenset[str], NoDecode] = frozenset()
    locale: Literal["en", "fr"] = "en"
    ovh_endpoint: str = "ovh-eu"
    ovh_application_key: str = ""
    ovh_application_secret: str = ""
    ovh_consumer_key: str = ""
    ovh_sms_service: str = ""
    ovh_sms_sender: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    heartbeat_url: str = ""
    grafana_hmac_secret: Annotated[tuple[str, ...], NoDecode] = ()
    sentry_client_secret: Annotated[tuple[str, ...], NoDecode] = ()
    page_limits: Annotated[Mapping[Channel, Limits], NoDecode] = USUAL
    discord_api_url: str = ""
    phone_provider: Literal["", "gateway", "ovh"] = ""
    phone_gateway_url: str = ""
    phone_gateway_secret: str = ""
    phone_private_addresses: bool = False
    """Whether the voice gateway may be inside the network, and without https."""
    phone_ovh_billing_account: str = ""
    phone_ovh_line: str = ""
    ical_private_addresses: bool = False
    """Whether calendars are also read from addresses inside the network."""
    retention_days: int = Field(default=0, ge=0, le=36_500)
    """For how many days incidents are kept after they were resolved; 0 is for ever."""
    anonymise_days: int = Field(default=0, ge=0, le=36_500)
    """After how many days it is forgotten who took part in them."""
    slack_sockets: int = Field(default=2, ge=1, le=2)
    """Connections to Slack; it allows ten an app, so that more than five processes take one each."""
    api_rate: float = Field(default=50, ge=1, le=100_000)
    """Requests a second that a token may make."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "console"
    clock_speed: float = Field(default=1.0, gt=0, le=3600)

    @field_validator("admin_users", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        return setting_values.slack_ids(value) if isinstance(value, str) else value

    @field_validator("grafana_hmac_secret", "sentry_client_secret", "secret_key_fallbacks", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """Several, with commas, so that one can be replaced without a gap."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("slack_app_token", *OVH, "phone_ovh_billing_account", "phone_ovh_line")
    @classmethod
    def _alone(cls, value: str) -> str:
        return setting_values.alone(value)

    @field_validator("page_limits", mode="before")
    @classmethod
    def _limits(cls, value: object) -> object:
        return limits_of(value) if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("slack_api_url", "discord_api_url")
    @classmethod
    def _with_slash(cls, value: str) -> str:
        return setting_values.web_address(value).rstrip("/") + "/" if value else ""

    @field_validator("public_url", "heartbeat_url", "phone_gateway_url")
    @classmethod
    def _address(cls, value: str, about: ValidationInfo) -> str:
        address = setting_values.web_address(value) if value else ""
        return address.rstrip("/") if about.field_name == "public_url" else address

    @field_validator("secret_key", "phone_gateway_secret")
    @classmethod
    def _long(cls, value: str) -> str:
        if value and len(value) < SHORTEST_SECRET:
            raise ValueError(f"is too short to sign with: take at least {SHORTEST_SECRET} random characters")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        return setting_values.database_address(value)

    @field_validator("ovh_endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        return setting_values.ovh_endpoint(value)

    @field_validator("ovh_sms_sender")
    @classmethod
    def _sms_sender(cls, value: str) -> str:
        return sms_sender(value) if value else ""

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str) -> str:
        return setting_values.mail_server(value) if value else ""

    @field_validator("mail_from")
    @classmethod
    def _mail_sender(cls, value: str) -> str:
        return setting_values.mail_sender(value) if value else ""

    def __repr__(self) -> str:
        """Nothing of what stands in it: most of it is secret."""
        return "Settings(…)"

    @property
    def secrets(self) -> frozenset[str]:
        """What is to stand in no log, however it is written."""
        addresses = (self.database_url, self.smtp_url, self.phone_gateway_url)
        passwords = [urlsplit(address).password or "" for address in addresses]
        whole = (
            *(getattr(self, name) for name in _SECRET),
            *self.grafana_hmac_secret,
            *self.sentry_client_secret,
            *self.secret_key_fallbacks,
            *passwords,
            *map(unquote, passwords),
            urlsplit(self.heartbeat_url).path.strip("/"),
        )
        return frozenset(filter(None, whole))

    @property
    def keys(self) -> tuple[str, ...]:
        """What signs and seals, then what has."""
        return (self.secret_key, *self.secret_key_fallbacks) if self.secret_key else ()

    @property
    def sender_address(self) -> str:
        """Whom mails are from: MAIL_FROM, else an address at the mail server."""
        if self.mail_from or not self.smtp_url:
            return self.mail_from
        return f"vigie@{urlsplit(self.smtp_url).hostname}"

    @property
    def has_sms(self) -> bool:
        return bool(self.ovh_application_key and self.ovh_sms_service)

    @property
    def rings_only(self) -> bool:
        """Whether calls speak no word and hear no key."""
        return self.phone_provider == "ovh"

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that are set up."""
        on = {
            Channel.SLACK: self.slack_bot_token,
            Channel.SMS: self.has_sms,
            Channel.EMAIL: self.smtp_url,
            Channel.PHONE: self.phone_provider,
        }
        return frozenset(channel for channel, is_on in on.items() if is_on)


_SECRET = (
    "slack_bot_token",
    "slack_app_token",
    "secret_key",
    "ovh_application_key",
    "ovh_application_secret",
    "ovh_consumer_key",
    "phone_gateway_secret",
    "heartbeat_url",
)


def load() -> Settings:
    """The settings of this process. Raises BadSetting with one line that names the variable."""
    settings, wrong = survey()
    if wrong:
        raise BadSetting("{}: {}".format(*next(iter(wrong.items()))))
    _all_or_none(settings)
    return settings


def survey() -> tuple[Settings, dict[str, str]]:
    """The settings, and what is wrong with those that have their default instead. Raises BadSetting."""
    try:
        return Settings(), {}
    except ValidationError as error:
        wrong = {str(one["loc"][0]): one["msg"].removeprefix("Value error, ") for one in error.errors()}
    except UnicodeDecodeError:
        raise BadSetting(".env: is not UTF-8 text") from None
    except OSError as error:
        raise BadSetting(f".env: can't be read: {(error.strerror or str(error)).lower()}") from None
    defaults: dict[str, Any] = {name: Settings.model_fields[name].default for name in wrong}
    return Settings(**defaults), {name.upper(): reason for name, reason in wrong.items()}


def for_demo(speed: float, language: str) -> Settings:
    """The settings of a demo, which needs none: only the language may come from the environment (LOCALE).

    Raises BadSetting for a language that nobody has written.
    """
    if language not in ("", *LANGUAGES):
        raise BadSetting(f"--lang: {language!r} is not one of {', '.join(LANGUAGES)}")
    try:
        usual = load().locale
    except BadSetting:
        usual = "en"
    return Settings.model_construct(locale=language or usual, clock_speed=speed)


def _all_or_none(settings: Settings) -> None:
    """A channel is set as a whole: half of it is a mistake that would only show at night."""
    for names in (OVH, ("slack_bot_token", "slack_app_token")):
        missing = [name for name in names if not getattr(settings, name)]
        if missing and len(missing) < len(names):
            present = next(name for name in names if getattr(settings, name))
            raise BadSetting(f"{missing[0].upper()}: is missing while {present.upper()} is set")
    wrong = phone_fault(settings) or _sender_fault(settings)
    if wrong:
        raise BadSetting("{}: {}".format(*wrong))


def _sender_fault(settings: Settings) -> tuple[str, str] | None:
    """Not every mail server's name makes an address."""
    if settings.smtp_url and not settings.mail_from:
        try:
            mailbox(settings.sender_address, "")
        except ValueError:
            return "MAIL_FROM", f"is not set, and {settings.sender_address} is no e-mail address"
    return None


PHONE = {
    "gateway": ("phone_gateway_url", "phone_gateway_secret"),
    "ovh": ("phone_ovh_billing_account", "phone_ovh_line", *OVH[:3]),
}
"""What each provider of telephone calls takes."""


def phone_fault(settings: Settings) -> tuple[str, str] | None:
    """The setting that telephone calls lack, and why that is wrong. They are off unless a provider is named."""
    provider = settings.phone_provider
    missing = [name for name in PHONE.get(provider, ()) if not getattr(settings, name)]
    if missing:
        return missing[0].upper(), f"is missing while PHONE_PROVIDER is {provider}"
    stray = next((name for name in (*PHONE["gateway"], *PHONE["ovh"][:2]) if getattr(settings, name)), "")
    return ("PHONE_PROVIDER", f"is not set while {stray.upper()} is") if stray and not provider else None


def for_slack(settings: Settings) -> Settings:
    """The same, when it can talk to Slack. Raises BadSetting."""
    if not settings.slack_bot_token:
        raise BadSetting("SLACK_BOT_TOKEN: is not set; it is the xoxb- token of your Slack app (vigie manifest)")
    if settings.slack_bot_token.startswith("xapp-"):
        raise BadSetting("SLACK_BOT_TOKEN: this is the app-level token; the bot's begins with xoxb-")
    if settings.slack_app_token.startswith("xoxb-"):
        raise BadSetting("SLACK_APP_TOKEN: this is the bot's token; the app-level one begins with xapp-")
    return settings
