"""The lives that orders lead: what kind of order, who ships it, who answers, and what else is done to it and when.

Stories are dealt from a deck, so that each of them comes up in every deck's length of orders.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

AT_ONCE: Final = (0.0, 0.0)
"""In the same second."""


class Since(StrEnum):
    """What a deed's time is counted from."""

    PLACED = "placed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that somebody does about an order within these hours, or tries to, several times where it must be."""

    act: str
    hours: tuple[float, float]
    since: Since = Since.PLACED
    tries: int = 4
    then: "Deed | None" = None
    """What follows once it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One way for an order to live. Without a `way` it goes the shop's usual one."""

    name: str
    cards: int = 1
    kind: str = "normal"
    way: str = ""
    by_sku: bool = False
    answers: str = "silent"
    misspelt: bool = False
    needs_oms: bool = False
    waits: bool = False
    """Whether the warehouse takes its time, so that the deeds come before the parcel as a rule."""
    deeds: tuple[Deed, ...] = ()

    @property
    def acts(self) -> set[str]:
        """What is done to it by plan."""
        return {deed.act for deed in self.deeds} | {deed.then.act for deed in self.deeds if deed.then}

    @property
    def busy_for(self) -> float:
        """The hours from placing that its deeds may take."""
        return max((deed.hours[1] for deed in self.deeds if deed.since is Since.PLACED), default=0.0)


def _placed(act: str, first: float, last: float, tries: int = 4, then: Deed | None = None) -> Deed:
    return Deed(act=act, hours=(first, last), tries=tries, then=then)


def _shipped(act: str, first: float, last: float) -> Deed:
    return Deed(act=act, hours=(first, last), since=Since.SHIPPED)


def _delivered(act: str, first: float, last: float) -> Deed:
    return Deed(act=act, hours=(first, last), since=Since.DELIVERED)


def _asked(answers: str, *more: Deed, cards: int = 1, hours: tuple[float, float] = (1.5, 9.0)) -> Story:
    """A buyer asks to cancel, after the hand-over as a rule."""
    name = f"asked to cancel, answered by {answers}"
    deeds = (_placed("ask to cancel", *hours), *more)
    return Story(name=name, cards=cards, answers=answers, needs_oms=answers == "oms", waits=True, deeds=deeds)


def _returned(answers: str, cards: int = 1) -> Story:
    deeds = (_delivered("ask back", 0.5, 6.0),)
    needs_oms = answers == "oms"
    return Story(
        name=f"asked back, answered by {answers}", cards=cards, answers=answers, deeds=deeds, needs_oms=needs_oms
    )


NORMAL: Final = (
    Story(name="normal", cards=88),
    Story(name="told by SKU", cards=12, by_sku=True),
)
SPECIAL: Final = (
    Story(name="no hold", cards=2, kind="no hold"),
    Story(name="cash on delivery", kind="cod"),
    Story(name="sample", kind="sample"),
    Story(name="pre-order", cards=2, kind="pre-order"),
    Story(name="pre-order for now", kind="pre-order for now"),
    Story(name="combined", kind="combined", waits=True, deeds=(_placed("combine", 1.4, 4.0, 8),)),
    Story(name="paid late", kind="unpaid", deeds=(_placed("pay", 1.0, 20.0),)),
    Story(name="never paid", kind="unpaid", deeds=(_placed("cancel by platform", 20.0, 40.0),)),
    Story(name="third party", cards=2, kind="third party"),
    Story(name="old", kind="old", way="seller center"),
    Story(name="shipped in Seller Center", cards=3, way="seller center"),
    Story(name="entered in ChannelAdvisor", cards=2, way="channeladvisor"),
    Story(name="shipped by one or the other", cards=3, way="mixed"),
    Story(name="shipped by all", way="brawl"),
    Story(name="shipped by nobody", way="nobody", deeds=(_placed("cancel by platform", 50.0, 80.0),)),
    Story(name="touched", deeds=(_placed("touch", 0.1, 30.0), _delivered("touch", 0.1, 5.0))),
    Story(name="moved in the hold", deeds=(_placed("change address", 0.1, 0.9),)),
    Story(name="moved after the hand-over", waits=True, deeds=(_placed("change address", 1.5, 4.0),)),
    Story(name="moved after shipping", deeds=(_shipped("change address", 0.1, 1.0),)),
    Story(name="packed", waits=True, needs_oms=True, deeds=(_placed("pack", 1.4, 4.0, 8),)),
    Story(name="cancelled by the buyer", cards=2, deeds=(_placed("cancel as buyer", 0.05, 0.95),)),
    Story(
        name="moved and cancelled within a second",
        deeds=(_placed("change address", 0.1, 0.9, then=Deed(act="cancel as buyer", hours=AT_ONCE)),),
    ),
    Story(
        name="asked to cancel and withdrawn within a second",
        waits=True,
        deeds=(_placed("ask to cancel", 1.5, 6.0, then=Deed(act="withdraw request", hours=AT_ONCE, tries=8)),),
    ),
    Story(name="cancelled as it leaves", needs_oms=True, deeds=(_shipped("cancel by seller", *AT_ONCE),)),
    Story(name="cancelled by the seller", waits=True, deeds=(_placed("cancel by seller", 0.2, 6.0),)),
    Story(name="cancelled by TikTok Shop", waits=True, deeds=(_placed("cancel by platform", 0.2, 6.0),)),
    Story(
        name="lines cancelled by the seller",
        cards=2,
        waits=True,
        deeds=(_placed("cancel lines by seller", 0.5, 6.0, 12),),
    ),
    Story(
        name="cancelled in the OMS", waits=True, cards=2, needs_oms=True, deeds=(_placed("cancel in OMS", 1.4, 4.0, 8),)
    ),
    Story(name="cancelled in ChannelAdvisor", waits=True, deeds=(_placed("cancel in ChannelAdvisor", 1.4, 4.0, 8),)),
    Story(name="nonsense about cancelling", needs_oms=True, deeds=(_placed("cancel nonsense", 1.0, 9.0),)),
    _asked("oms", cards=3),
    _asked("operator"),
    _asked("seller center"),
    _asked("several"),
    _asked("silent"),
    Story(
        name="asked to cancel, decided twice",
        waits=True,
        answers="oms",
        needs_oms=True,
        deeds=(_placed("ask to cancel", 1.5, 6.0, then=Deed(act="decide again", hours=(1.0, 12.0), tries=8)),),
    ),
    Story(
        name="asked to cancel and withdrawn",
        waits=True,
        deeds=(_placed("ask to cancel", 1.5, 6.0, then=Deed(act="withdraw request", hours=(0.05, 0.8), tries=8)),),
    ),
    Story(
        name="asked to cancel when packed",
        waits=True,
        answers="oms",
        needs_oms=True,
        deeds=(_placed("pack", 1.4, 2.5, 8), _placed("ask to cancel", 2.0, 5.0)),
    ),
    Story(name="misspelt carrier", cards=2, misspelt=True, needs_oms=True),
    Story(
        name="misspelt carrier, corrected",
        misspelt=True,
        needs_oms=True,
        deeds=(Deed(act="correct carrier", hours=(1.0, 12.0), since=Since.SHIPPED, tries=20),),
    ),
    Story(name="listed again", needs_oms=True, deeds=(_shipped("repeat shipment", 0.1, 20.0),)),
    Story(name="wrong tracking number", cards=2, needs_oms=True, deeds=(_shipped("correct tracking", 0.3, 12.0),)),
    Story(
        name="wrong tracking number in Seller Center",
        way="seller center",
        deeds=(_shipped("correct tracking in Seller Center", 0.1, 6.0),),
    ),
    Story(
        name="wrong tracking number in ChannelAdvisor",
        way="channeladvisor",
        deeds=(_shipped("correct tracking in ChannelAdvisor", 0.1, 6.0),),
    ),
    Story(name="typed in twice", cards=3, needs_oms=True, deeds=(_shipped("enter in ChannelAdvisor too", 0.01, 0.1),)),
    Story(name="shown broken", cards=2, deeds=(_placed("damage", 0.1, 20.0),)),
    _returned("oms", cards=4),
    _returned("operator"),
    _returned("seller center"),
    _returned("silent"),
    _returned("several"),
    Story(
        name="asked back, decided twice",
        answers="oms",
        needs_oms=True,
        deeds=(_delivered("ask back", 0.5, 3.0), _delivered("decide return again", 4.0, 12.0)),
    ),
    Story(name="refunded in the OMS", needs_oms=True, deeds=(_shipped("refund in OMS", 1.0, 20.0),)),
    Story(name="refunded in ChannelAdvisor", deeds=(_shipped("refund in ChannelAdvisor", 1.0, 20.0),)),
    Story(name="refunded in Seller Center", deeds=(_delivered("refund in Seller Center", 0.5, 5.0),)),
    Story(name="refunded by TikTok Shop", deeds=(_delivered("refund by TikTok Shop", 0.5, 5.0),)),
    Story(name="nonsense about returns", needs_oms=True, deeds=(_placed("return nonsense", 1.0, 20.0),)),
)
STORIES: Final = NORMAL + SPECIAL
_AHEAD: Final = 12


class Deck:
    """Stories in a shuffled order, every one as often as it has cards."""

    def __init__(self, random: Random, stories: Sequence[Story] = STORIES) -> None:
        self._dealing = self._deal(random, stories)
        self._top: list[Story] = []

    def draw(self, *, with_oms: bool, old: bool) -> Story:
        """The next story that can be lived in a shop with or without an OMS, and with or without a past."""
        while True:
            for position, story in enumerate(self._top):
                if (with_oms or not story.needs_oms) and (old or story.kind != "old"):
                    return self._top.pop(position)
            # What nobody can live does not hold up the rest.
            del self._top[:-_AHEAD]
            self._top.append(next(self._dealing))

    @staticmethod
    def _deal(random: Random, stories: Sequence[Story]) -> Iterator[Story]:
        seed = random.getrandbits(64)
        cards = [story for story in stories for _ in range(story.cards)]
        for number in range(1_000_000):
            yield from Random(f"{seed} {number}").sample(cards, len(cards))
