"""What people do in a run beside its steps: four eyes, a question about a step that takes long, a newer version."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.worker import Timer
from domain.clock import Clock
from handlers.runbooks.approvals import ApprovalService
from handlers.runbooks.carrying import CarryingService
from handlers.runbooks.overdue import OverdueService
from storage.store import Store


class RunServices:
    """All three, and those of them that the engine's loop has to look at."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self.approvals = ApprovalService(store, clock, wake)
        self.overdue = OverdueService(store, clock, wake)
        self.carrying = CarryingService(store, clock, wake)

    @property
    def timers(self) -> list[Timer]:
        return [self.approvals, self.overdue]
