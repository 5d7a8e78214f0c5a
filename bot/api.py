"""The API's description, put together from what each feature says of its addresses."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from handlers.alerts import schema as alerts
from handlers.audit import schema as audit
from handlers.catalog import intake_schema
from handlers.catalog import schema as catalog
from handlers.catalog import schema_drift as drift
from handlers.coverage import schema as coverage
from handlers.documentation import schema as documentation
from handlers.drills import schema as drills
from handlers.health import schema as health
from handlers.heartbeats import schema as heartbeats
from handlers.incidents import schema as incidents
from handlers.metrics import schema as metrics
from handlers.policies import schema as policies
from handlers.postmortems import schema as postmortems
from handlers.reports import schema as reports
from handlers.schema import Endpoints, document
from handlers.storms import schema as storms
from handlers.tokens import schema as tokens

_FEATURES = (
    incidents,
    postmortems,
    alerts,
    heartbeats,
    catalog,
    intake_schema,
    drift,
    reports,
    drills,
    coverage,
    policies,
    storms,
    tokens,
    audit,
    health,
    metrics,
    documentation,
)
ENDPOINTS: Endpoints = {key: endpoint for feature in _FEATURES for key, endpoint in feature.ENDPOINTS.items()}


def openapi() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return document(ENDPOINTS, version("vigie"))
