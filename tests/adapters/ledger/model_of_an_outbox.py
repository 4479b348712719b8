"""What an outbox must be, and what its partners have: a model in plain words, to compare the ledger's with."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

CLAIM: Final = timedelta(minutes=10)
OPEN_REQUEST: Final = "CANCEL_REQUEST#1"


@dataclass(kw_only=True)
class Thing:
    """One thing to tell one partner. `changes` counts how often it was written."""

    state: str = "WAITING"
    due: datetime | None
    waits_for: str = ""
    doubt: bool = False
    claimed_until: datetime | None = None
    changes: int = 1

    @property
    def is_untold(self) -> bool:
        """The partner surely knows nothing of it, and nobody is telling it."""
        return self.state in ("WAITING", "FAILED") and not self.doubt

    def may_be_claimed(self, now: datetime) -> bool:
        """It is due, and in nobody's hands any more."""
        due = self.due is not None and self.due <= now
        over = self.claimed_until is not None and self.claimed_until <= now
        return due and (self.state == "WAITING" or (self.state == "SENDING" and over))


@dataclass(kw_only=True)
class OutboxModel:
    """All that is to be told of one order, and how often each partner was made to do it."""

    things: dict[str, Thing] = field(default_factory=dict)
    done_there: Counter[str] = field(default_factory=Counter)

    def queue(self, name: str, waits_for: str, now: datetime) -> None:
        """The same thing is queued once."""
        self.things.setdefault(name, Thing(due=None if waits_for else now, waits_for=waits_for))

    def hold_back(self, name: str, waits_for: str, until: datetime | None) -> None:
        self.write(name, waits_for=waits_for, due=until)

    def claim(self, name: str, now: datetime) -> None:
        """A claim over one that ran out, or over a doubt, leaves a doubt."""
        thing = self.things[name]
        doubt = thing.doubt or thing.state == "SENDING"
        self.write(name, state="SENDING", claimed_until=now + CLAIM, doubt=doubt)

    def postpone(self, name: str, due: datetime, *, doubt: bool) -> None:
        self.write(name, state="WAITING", due=due, claimed_until=None, doubt=self.things[name].doubt or doubt)

    def finish(self, name: str, state: str, now: datetime) -> None:
        """DONE, or WITHDRAWN because it is not needed: what waited for it goes on at once."""
        self.end(name, state)
        self.free(name, now)

    def free(self, name: str, now: datetime) -> None:
        for waiting in self.untold_waiting_for(name):
            self.write(waiting, waits_for="", due=now)

    def withdraw(self, name: str) -> None:
        """It will not be told, nor what waits for it."""
        self.end(name, "WITHDRAWN")
        for waiting in self.untold_waiting_for(name):
            self.withdraw(waiting)

    def fail(self, name: str, *, half_done: bool) -> None:
        """A person must look; nothing else is touched."""
        self.end(name, "FAILED", doubt=self.things[name].doubt or half_done)

    def replay(self, names: Iterable[str], now: datetime) -> None:
        for name in names:
            self.write(name, state="WAITING", due=now)

    def tell_again(self, name: str, now: datetime) -> None:
        self.write(name, state="WAITING", due=now, doubt=True)

    def end(self, name: str, state: str, *, doubt: bool = False) -> None:
        self.write(name, state=state, due=None, claimed_until=None, waits_for="", doubt=doubt)

    def untold_waiting_for(self, name: str) -> list[str]:
        return [each for each, thing in self.things.items() if thing.waits_for == name and thing.is_untold]

    def write(self, name: str, **changes: object) -> None:
        """Each writing counts, also one that says the same again."""
        thing = self.things[name]
        for attribute, value in changes.items():
            setattr(thing, attribute, value)
        thing.changes += 1

    def in_state(self, state: str) -> list[str]:
        return [name for name, thing in self.things.items() if thing.state == state]

    def untold(self) -> list[str]:
        return [name for name, thing in self.things.items() if thing.is_untold]

    def is_blocked(self, name: str) -> bool:
        """Whether it waits, over however many others, for what has failed or for a request that is open."""
        waits_for = self.things[name].waits_for
        if waits_for not in self.things:
            return waits_for == OPEN_REQUEST
        return self.things[waits_for].state == "FAILED" or self.is_blocked(waits_for)
