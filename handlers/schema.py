"""OpenAPI 3.1, made from the code: every address has an `Endpoint`, whose shapes are the types that its answers have.
Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

Moment: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339, in UTC."""
Day: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date"})]
Schema: TypeAlias = dict[str, Any]
_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = "application/problem+json"


class FieldError(TypedDict):
    """One field that is wrong; "" is the whole."""

    field: str
    message: str


class Problem(TypedDict):
    """Why nothing was done (RFC 9457), and what to mend."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an address. `shape` is a type."""

    name: str
    description: str
    shape: Any = str
    place: str = "query"

    def schema(self) -> Schema:
        found: Schema = {"name": self.name, "in": self.place, "description": self.description}
        return found | {"required": self.place == "path", "schema": TypeAdapter(self.shape).json_schema()}


PAGE = Parameter("page", "Which page, from 1", Annotated[int, Field(ge=1, le=1_000_000)])
PAGE_SIZE = Parameter("page_size", "How many a page", Annotated[int, Field(ge=1, le=100)])
IF_MATCH = Parameter("If-Match", "The `ETag` that the change begins from: 412 when there is another", place="header")
IF_NONE_MATCH = Parameter("If-None-Match", "The `ETag` of what is known: 304 when it is the same", place="header")
ONCE = Parameter(
    "Idempotency-Key",
    "Sent again with the same key, the request is answered as before and not carried out twice",
    Annotated[str, Field(max_length=255)],
    "header",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What an address takes and answers. `scope` is what the token must allow, "" where none is taken; `body` and
    `answer` are types, None for nothing; `is_partial` says that a body need not have every field."""

    summary: str
    tag: str
    scope: str = ""
    parameters: Sequence[Parameter] = ()
    body: Any = None
    is_partial: bool = False
    is_body_needed: bool = True
    answer: Any = None
    status: int = 200
    media: Sequence[str] = ("application/json",)
    others: Mapping[int, Any] = ()  # type: ignore[assignment]
    """Further answers in JSON, by status; None for a problem."""

    @property
    def is_strict(self) -> bool:
        """Whether it looks at what a caller takes and what a body is said to be: whoever brings an alert, or looks
        whether Vigie lives, is heard whatever they say of that."""
        return self.scope not in ("", "ingest")


Endpoints: TypeAlias = Mapping[tuple[str, str], Endpoint]
"""By method and path."""


def document(endpoints: Endpoints, version: str) -> Schema:
    """The whole of it."""
    shapes, schemas = _components(endpoints.values())
    paths: dict[str, Schema] = {}
    for (method, path), endpoint in endpoints.items():
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, endpoint, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vigie", "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in endpoints.values())],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": _TOKEN}},
    }


_ABOUT = (
    "Whatever Slack can do a script can do, by the same rules. A slash at the end of an address is optional. "
    "Times are RFC 3339 in UTC. What is wrong is said as problem+json, field by field."
)
_TOKEN = {"type": "http", "scheme": "bearer", "description": "`vigie token create NAME`; `Token <token>` is taken too"}


def _components(endpoints: Iterable[Endpoint]) -> tuple[dict[tuple[Any, bool], Schema], dict[str, Schema]]:
    """Each shape's schema, by itself and whether it is partial; and what they refer to, by name."""
    wanted: dict[tuple[Any, bool], None] = {(Problem, False): None}
    for one in endpoints:
        wanted |= dict.fromkeys((shape, False) for shape in (one.answer, *dict(one.others).values()) if shape)
        wanted |= {(one.body, one.is_partial): None} if one.body else {}
    inputs = [(key, "validation", TypeAdapter(key[0])) for key in wanted]
    found, common = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCE)  # type: ignore[arg-type]
    schemas = {name: _closed(schema) for name, schema in common.get("$defs", {}).items()}
    shapes = {key: schema for (key, _), schema in found.items()}
    for (shape, is_partial), schema in list(shapes.items()):
        if is_partial:
            name = f"{shape.__name__}Changes"
            whole = schemas[schema["$ref"].rpartition("/")[2]]
            schemas[name] = {part: value for part, value in whole.items() if part != "required"} | {"title": name}
            shapes[shape, True] = {"$ref": _REFERENCE.format(model=name)}
    return shapes, schemas


def _closed(schema: Schema) -> Schema:
    """An object has the fields that are named, and no other."""
    return {"additionalProperties": False} | schema if schema.get("type") == "object" else schema


def _operation(method: str, path: str, one: Endpoint, shapes: Mapping[tuple[Any, bool], Schema]) -> Schema:
    named = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [Parameter(name, _NAMED.get(name, name), place="path") for name in named] + list(one.parameters)
    parameters += [IF_NONE_MATCH] if method == "GET" and one.is_strict else []
    found: Schema = {
        "operationId": _identity(method, path),
        "summary": one.summary,
        "tags": [one.tag],
        "parameters": [parameter.schema() for parameter in parameters],
        "responses": _responses(method, one, shapes, is_named=bool(named)),
    }
    if one.scope:
        found |= {"security": [{"token": []}], "description": f"Takes the scope `{one.scope}`."}
    if one.body:
        content = {"application/json": {"schema": shapes[one.body, one.is_partial]}}
        found["requestBody"] = {"required": one.is_body_needed, "content": content}
    return found


_NAMED = {"id": "The id, or the name (for incidents `INC-…`)", "order": "The step's number", "name": "The token's name"}


def _identity(method: str, path: str) -> str:
    words = [part.strip("{}").replace("-", "_") for part in path.split("/") if part and part not in ("api", "v1")]
    return "_".join([method.lower(), *([] if path.startswith("/api/") else ["server"]), *words])


def _responses(method: str, one: Endpoint, shapes: Mapping[tuple[Any, bool], Schema], *, is_named: bool) -> Schema:
    found: Schema = {str(one.status): {"description": "Done"}}
    if one.answer:
        content = {
            media: {"schema": shapes[one.answer, False] if "json" in media else {"type": "string"}}
            for media in one.media
        }
        found[str(one.status)]["content"] = content
    if method == "GET" and one.is_strict:
        found["304"] = {"description": "The same as before"}
    refusals = dict.fromkeys(_refusals(method, one, is_named=is_named))
    for status, shape in {**refusals, **dict(one.others)}.items():
        media = "application/json" if shape else _PROBLEM
        schema = shapes[shape or Problem, False]
        found[str(status)] = {"description": HTTPStatus(status).phrase, "content": {media: {"schema": schema}}}
    return found


def _refusals(method: str, one: Endpoint, *, is_named: bool) -> list[int]:
    found = [401, 403, 429, 503] if one.scope else []
    found += [404] if is_named else []
    found += [409] if one.scope and method != "GET" else []
    found += [412] if IF_MATCH in one.parameters else []
    found += [406] if one.is_strict and one.answer else []
    found += [400, 408, 413, 415] if one.body else []
    found += [422] if one.body or one.parameters else []
    return found
