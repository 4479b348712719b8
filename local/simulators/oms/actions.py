"""What every action of the OMS's people needs (not over HTTP)."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.simulators.oms.cancel_records import Listed
from local.simulators.oms.state import State


class Actions:
    """Actions upon one State."""

    def __init__(self, state: State) -> None:
        self._state = state

    def _list_raw(self, listed: list[Listed], shop_id: str, entry: Mapping[str, Any]) -> None:
        with self._state.lock:
            listed.append(Listed(shop_id=shop_id, body=dict(entry), recorded_at=self._state.clock(), raw=True))

    def _repeat(self, listed: list[Listed], entry_id: str) -> None:
        with self._state.lock:
            self._state.advance()
            listed.append(next(each for each in listed if each.id == entry_id))

    def _refuse_unknown(self, order: str, lines: Sequence[str] | None) -> None:
        known = {line.id for line in self._state.orders[order].lines}
        if lines is not None and not known.issuperset(lines):
            raise ValueError(f"order {order} has no line {sorted(set(lines) - known)}")
