"""What must become of the cancellations of an order that nobody has shipped: a model in plain words (G9-G12, OP B2)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from order_sync.domain.cancelling.cancellations import CancellationFacts

TIME_TO_ANSWER = timedelta(hours=24)
MARGIN = timedelta(minutes=45)
CONFIRMATION = timedelta(minutes=30)


@dataclass(kw_only=True)
class Request:
    """A buyer's request, as it must stand."""

    lines: frozenset[str]
    asked_at: datetime
    updated_at: datetime
    respond_by: datetime
    answer_until: datetime
    answer: str = ""
    by: str = ""
    answered_at: datetime | None = None
    telling: str = ""
    """How far TikTok Shop has heard of the answer."""
    in_doubt: bool = False
    left: bool = False
    only_a_parcel_rejects: bool = False
    reminded: int = 0
    confirm_by: datetime | None = None
    unconfirmed: bool = False
    outcome: str = ""
    decided_by: str = ""

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def is_waited_for(self) -> bool:
        return self.is_open and not self.answer and not self.left

    @property
    def may_have_been_told(self) -> bool:
        return self.telling in ("DONE", "SENDING") or self.in_doubt

    def reminders_by(self, now: datetime) -> int:
        """How many of its reminders are due: with half, a sixth and a twenty-fourth of the time left."""
        time = self.respond_by - self.asked_at
        return sum(self.respond_by - time / part <= now for part in (2, 6, 24))


@dataclass(kw_only=True)
class Wish:
    """A seller's own cancellation."""

    source: str
    lines: frozenset[str]
    state: str = "OPEN"


@dataclass(kw_only=True)
class CancellationsModel:
    """All cancellations of one order. `rule` holds where nobody answers; `given` says whether the seller has it."""

    rule: str
    given: bool
    lines: dict[str, bool]
    """Which of them are cancelled."""
    seen_at: datetime
    """Which page of the order was seen last."""
    requests: dict[str, Request] = field(default_factory=dict)
    at_once: set[str] = field(default_factory=set)
    wishes: dict[str, Wish] = field(default_factory=dict)

    # --- TikTok Shop shows something

    def see_order(self, canceled: Collection[str], updated_at: datetime) -> None:
        if updated_at >= self.seen_at:
            self.seen_at = updated_at
            self.cancel(canceled)

    def see(self, page: CancellationFacts, now: datetime) -> None:
        """One page of a cancellation. What is closed stays closed, and an older page says nothing."""
        known = self.requests.get(page.id)
        if page.id in self.at_once or (known and (not known.is_open or page.updated_at < known.updated_at)):
            return
        gone = all(self.lines[line] for line in page.line_ids)
        if page.status == "GRANTED":
            self.cancel(page.line_ids)
        if not page.is_request:
            self.at_once.add(page.id)
            return
        respond_by = min(page.requested_at + TIME_TO_ANSWER, page.respond_by or datetime.max.replace(tzinfo=now.tzinfo))
        if known is None:
            known = Request(
                lines=frozenset(page.line_ids),
                asked_at=page.requested_at,
                updated_at=page.updated_at,
                respond_by=respond_by,
                answer_until=end_of_wait(page.requested_at, respond_by),
            )
            self.requests[page.id] = known
            if page.status == "PENDING":
                self.open(known, now)
        known.updated_at = page.updated_at
        if page.status == "PENDING":
            if page.respond_by is not None and known.respond_by != respond_by:
                self.move_deadline(known, respond_by)
        else:
            granted_at = min(page.updated_at, self.seen_at) if gone else page.updated_at
            self.close(known, granted_at if page.status == "GRANTED" else None)

    def move_deadline(self, request: Request, respond_by: datetime) -> None:
        """A later one gives everybody who was silent another chance."""
        if request.left and respond_by > request.respond_by:
            request.left, request.confirm_by, request.unconfirmed = False, None, False
        request.respond_by, request.answer_until = respond_by, end_of_wait(request.asked_at, respond_by)

    def open(self, request: Request, now: datetime) -> None:
        """Who has spoken before the request came: a seller who cancels the same, or nobody who could."""
        for wish in self.wishes.values():
            if wish.state == "OPEN" and request.lines <= wish.lines:
                self.give(request, "APPROVE", "OMS" if wish.source == "OMS" else "SELLER", now)
                return
        if not self.given and self.rule != "leave_to_tiktok":
            self.give(request, "APPROVE", "SHOP_RULE", now)

    def close(self, request: Request, granted_at: datetime | None) -> None:
        """TikTok's word is the outcome, whatever was answered."""
        if granted_at is not None:
            late = granted_at >= request.respond_by
            if request.answer == "APPROVE" and (request.telling == "DONE" or not late):
                request.outcome, request.decided_by = "APPROVED", request.by
            elif late:
                request.outcome, request.decided_by = "APPROVED_AUTOMATICALLY", "PLATFORM"
            else:
                request.outcome, request.decided_by = "APPROVED", "SELLER"
        elif request.answer == "REJECT" and request.may_have_been_told:
            request.outcome, request.decided_by = "REJECTED", request.by
        elif all(self.lines[line] for line in request.lines):
            request.outcome = "OVERTAKEN"
        else:
            request.outcome, request.decided_by = "WITHDRAWN", "BUYER"
        if request.telling in ("WAITING", "FAILED") and not request.in_doubt:
            request.telling = "WITHDRAWN"

    def cancel(self, lines: Collection[str]) -> None:
        """Lines are cancelled for good; a seller's wish for them has come true."""
        self.lines |= dict.fromkeys(lines, True)
        for wish in self.wishes.values():
            if wish.state == "OPEN" and all(self.lines[line] for line in wish.lines):
                wish.state = "ACCEPTED"

    # --- somebody decides

    def problem_with(self, cancel: str, answer: str, now: datetime) -> str:
        """Why an answer cannot be used; empty for one that can, or that was given before."""
        request = self.requests.get(cancel)
        if request is None:
            return "cancel-request-unknown"
        if request.answer:
            return "" if request.answer == answer else "decided-already"
        return "" if request.is_open and now < request.respond_by else "cancel-request-closed"

    def give(self, request: Request, answer: str, by: str, now: datetime) -> None:
        """An answer is given once; the same one again changes nothing."""
        if request.answer:
            assert request.answer == answer
            return
        request.answer, request.by, request.answered_at, request.telling = answer, by, now, "WAITING"
        request.confirm_by = min(now + CONFIRMATION, request.respond_by)
        request.left, request.unconfirmed = False, False

    def look(self, now: datetime, packed: Collection[str] | None) -> None:
        """Time has passed: the shop's rule, reminders, and answers that TikTok Shop does not show."""
        for request in self.requests.values():
            if not request.is_open:
                continue
            if request.is_waited_for and not request.only_a_parcel_rejects and request.answer_until <= now:
                if packed is not None:
                    self.rule_speaks(request, packed, now)
                continue
            unanswered = not request.answer or request.only_a_parcel_rejects
            over = request.reminders_by(now)
            if unanswered and now < request.respond_by and over > request.reminded:
                request.reminded = over
            due = request.confirm_by is not None and request.confirm_by <= now
            request.unconfirmed |= due and not request.only_a_parcel_rejects

    def rule_speaks(self, request: Request, packed: Collection[str], now: datetime) -> None:
        if self.rule == "leave_to_tiktok":
            request.left, request.confirm_by = True, request.respond_by + CONFIRMATION
            return
        is_packed = self.rule == "reject_if_packed" and not request.lines.isdisjoint(packed)
        self.give(request, "REJECT" if is_packed else "APPROVE", "SHOP_RULE", now)

    def reject_is_not_offered(self, request: Request, now: datetime) -> None:
        """TikTok Shop takes no rejection: people are reminded of the parcel that is one."""
        request.telling, request.in_doubt = "WITHDRAWN", False
        if request.is_open:
            request.only_a_parcel_rejects, request.reminded = True, request.reminders_by(now)

    def seller_cancels(self, wish: str, source: str, lines: frozenset[str], now: datetime) -> None:
        """The seller wants it too: then the buyer's request for the same is approved."""
        self.wishes[wish] = Wish(source=source, lines=lines)
        request = next((each for each in self.requests.values() if each.is_open), None)
        if request is not None and request.lines <= lines and not request.answer:
            self.give(request, "APPROVE", "OMS" if source == "OMS" else "SELLER", now)
        self.cancel(())


def end_of_wait(asked_at: datetime, respond_by: datetime) -> datetime:
    """The wait ends a margin before the deadline, and at most a tenth of the time before it."""
    return respond_by - min(MARGIN, (respond_by - asked_at) / 10)
