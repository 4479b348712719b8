"""A return is one line among an order's private notes; what people wrote there stays as it is, and unread by others."""

import logging
from typing import Any

import httpx
import pytest

from local.simulators.faults import Fault
from order_sync.domain.errors import AlreadyDoneError, OutcomeUnknownError, RejectedError
from order_sync.domain.ids import ReturnId
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from order_sync.partners.channeladvisor.models import NotesPayload
from tests.adapters.channeladvisor.world import World
from tests.purchases import a_purchase

FIRST, SECOND, THIRD = ReturnId("403"), ReturnId("4035"), ReturnId("77")
SMILE = "\N{GRINNING FACE}"


@pytest.fixture
def order(client: ChannelAdvisor) -> str:
    return client.create_order(a_purchase()).id


def notes(world: World, order: str) -> Any:
    return world.simulator.books.order(int(order))["PrivateNotes"]


def patches(world: World) -> int:
    return len(world.simulator.books.requests(method="PATCH"))


def line(return_id: ReturnId, text: str) -> str:
    return f"[Order Sync] Return {return_id}: {text}"


def test_a_return_is_noted_once_and_its_news_in_the_same_place(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    client.note_return(order, SECOND, "Request Pending")
    client.note_return(order, FIRST, "Buyer Shipped")
    assert notes(world, order) == f"{line(SECOND, 'Request Pending')}\n{line(FIRST, 'Buyer Shipped')}"
    client.note_return(order, SECOND, "Refunded")
    assert notes(world, order) == f"{line(SECOND, 'Refunded')}\n{line(FIRST, 'Buyer Shipped')}"
    with pytest.raises(AlreadyDoneError, match=f"note return {SECOND} on order {order}: it is noted already"):
        client.note_return(order, SECOND, "Refunded")
    assert patches(world) == 3


@pytest.mark.parametrize(
    ("before", "between"),
    [
        ("call the buyer", "\n"),
        ("call the buyer\n", ""),
        ("  two  spaces \n\n\ttab ", "\n"),
        ("first\r\nsecond", "\r\n"),
        ("first\rsecond", "\n"),
        ("first\u2028second\x0bthird\x85", "\n"),
        (f"Zoë {SMILE} <b>&amp;", "\n"),
        ("see [Order Sync] Return 403: done", "\n"),
        ("[Order Sync] Return 40: by hand?", "\n"),
    ],
)
def test_what_others_wrote_stays_to_the_byte(
    world: World, client: ChannelAdvisor, order: str, before: str, between: str
) -> None:
    world.simulator.write_private_notes(int(order), before)
    client.note_return(order, FIRST, "Request Pending")
    assert notes(world, order) == f"{before}{between}{line(FIRST, 'Request Pending')}"
    world.simulator.write_private_notes(int(order), f"{notes(world, order)}{between or chr(10)}more")
    client.note_return(order, FIRST, "Refunded")
    assert notes(world, order) == f"{before}{between}{line(FIRST, 'Refunded')}{between or chr(10)}more"


def test_a_text_of_several_lines_is_one_line(world: World, client: ChannelAdvisor, order: str) -> None:
    client.note_return(order, FIRST, " Request\nPending\r\n\u2028 answer  by 09:15 ")
    assert notes(world, order) == line(FIRST, "Request Pending answer by 09:15")


def test_our_oldest_lines_make_room(world: World, client: ChannelAdvisor, order: str) -> None:
    theirs = "x" * 3700
    world.simulator.write_private_notes(
        int(order), f"a\n{line(FIRST, 'f' * 90)}\n{theirs}\n{line(SECOND, 's' * 90)}\nz"
    )
    client.note_return(order, THIRD, "t" * 90)
    assert notes(world, order) == f"a\n{theirs}\n{line(SECOND, 's' * 90)}\nz\n{line(THIRD, 't' * 90)}"
    client.note_return(order, THIRD, "t" * 250)
    assert notes(world, order) == f"a\n{theirs}\nz\n{line(THIRD, 't' * 250)}"


def test_the_line_that_is_written_never_makes_room_for_itself(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.write_private_notes(int(order), f"{line(FIRST, 'f')}\n{'x' * 3900}\n{line(SECOND, 's')}")
    client.note_return(order, FIRST, "f" * 50)
    assert notes(world, order) == f"{line(FIRST, 'f' * 50)}\n{'x' * 3900}\n"


@pytest.mark.parametrize("sign", ["x", SMILE])
def test_exactly_as_much_as_fits_is_written(world: World, client: ChannelAdvisor, order: str, sign: str) -> None:
    length = 4000 - len(line(FIRST, "done")) - 1
    theirs = "x" * (length % 2) + sign * (length // 2 if sign == SMILE else length - length % 2)
    world.simulator.write_private_notes(int(order), theirs)
    client.note_return(order, FIRST, "done")
    assert notes(world, order) == f"{theirs}\n{line(FIRST, 'done')}"
    with pytest.raises(RejectedError, match="leave no room within 4000 characters; shorten them there"):
        client.note_return(order, FIRST, "done.")
    assert notes(world, order) == f"{theirs}\n{line(FIRST, 'done')}"


def test_others_text_is_never_cut(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.write_private_notes(int(order), "x" * 4000)
    with pytest.raises(RejectedError, match="leave no room"):
        client.note_return(order, FIRST, "Request Pending")
    assert notes(world, order) == "x" * 4000
    assert patches(world) == 0


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_a_lost_answer_is_settled_by_looking(world: World, client: ChannelAdvisor, order: str, fault: Fault) -> None:
    world.simulator.write_private_notes(int(order), "call the buyer")
    world.simulator.faults.add(fault, f"/v1/Orders({order})", method="PATCH")
    with pytest.raises(OutcomeUnknownError):
        client.note_return(order, FIRST, "Refunded")
    try:
        client.note_return(order, FIRST, "Refunded")
    except AlreadyDoneError:
        assert fault is Fault.LOST_AFTER
    assert notes(world, order) == f"call the buyer\n{line(FIRST, 'Refunded')}"


def answering(world: World, status: int, body: dict[str, Any], private_notes: str) -> ChannelAdvisor:
    """A ChannelAdvisor that shows these notes, written as JSON, and answers changes like this."""

    def send(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        if request.method == "GET":
            shown = '{"ID": 9, "PrivateNotes": ' + private_notes + "}"
            return httpx.Response(200, content=shown, headers={"Content-Type": "application/json"})
        return httpx.Response(status, json=body)

    return world.client(transport=httpx.MockTransport(send))


def test_no_error_and_no_log_tells_what_people_wrote(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"error": {"code": "", "message": "PrivateNotes 'Sam Sample\nhas moved' is invalid"}}
    with pytest.raises(RejectedError, match="refused") as refused:
        answering(world, 400, body, '"Sam Sample\\nhas moved"').note_return("9", FIRST, "Refunded")
    with pytest.raises(RejectedError, match="leave no room") as full:
        answering(world, 204, {}, f'"{"Sample " * 600}"').note_return("9", FIRST, "Refunded")
    with pytest.raises(RejectedError, match="the answer is unreadable: PrivateNotes") as unreadable:
        answering(world, 204, {}, '["Sam Sample"]').note_return("9", FIRST, "Refunded")
    with pytest.raises(RejectedError, match="hold half a sign; correct them there") as broken:
        answering(world, 204, {}, '"Sam Sample \\ud83d"').note_return("9", FIRST, "Refunded")
    told = " ".join(repr(each.value) for each in (refused, full, unreadable, broken)) + caplog.text
    told += repr(NotesPayload.model_validate({"PrivateNotes": "Sam Sample"}))
    assert not any(word in told for word in ("Sam", "Sample", "moved"))


def test_only_the_notes_are_read_and_written(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.write_private_notes(int(order), "call the buyer")
    before = world.simulator.books.order(int(order))
    world.clock.move(minutes=1)
    client.note_return(order, FIRST, "Refunded")
    after = world.simulator.books.order(int(order))
    assert {name for name, value in after.items() if value != before[name]} == {"PrivateNotes", "UpdatedDateUtc"}
    (request,) = world.simulator.books.requests(method="GET", path=f"/v1/Orders({order})")
    assert request.query.endswith("select=ID,PrivateNotes") or "ID%2CPrivateNotes" in request.query
