"""For each kind of fault: a scene with a tiny stack, how it looks without the fault, and how with it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from order_sync.ledger.table import Item, Key, Put
from tests.simulation.cloud.deployment import STACK, deployment
from tests.simulation.cloud.event_loop import Task
from tests.simulation.cloud.functions import DeadLetter, Functions
from tests.simulation.cloud.runs import Run
from tests.simulation.cloud.state_machines import Status
from tests.simulation.faults import Faults, Kind
from tests.simulation.mishaps import Mishaps
from tests.simulation.stack import Stack
from tests.simulation.trace import Trace
from tests.world import START, TEE, Connected

type Seen = Any
"""What a scene shows."""
type Scene = Callable[[Stack], Seen]

ITEM: Final[Item] = {"pk": "P", "sk": "S", "version": 1, "due_list": "L", "due_at": 1}
KEY: Final = Key("P", "S")
JOB: Final = f"{STACK}-dispatch"
EVENT: Final = {"job": "poll_tiktok"}
MACHINE: Final = next(arn for arn in deployment().machines if arn.endswith("cool-down"))
HOSTS: Final = {"tiktok": "open-api.tiktokglobalshop.com", "channeladvisor": "api.channeladvisor.com"}


def outcome(task: Task) -> str:
    return type(task.error).__name__ if task.error is not None else str(task.result)


def in_a_run(stack: Stack, action: Callable[[], object]) -> tuple[str, float]:
    """What comes of something that a run does, and after how many seconds."""
    begun, ended = stack.time, list[datetime]()
    task = stack.loop.spawn("run", action)
    task.owner = Run(function="f", event={}, number=1, begun_at=begun, ends_at=begun + timedelta(minutes=9))
    task.on_end.append(lambda: ended.append(stack.time))
    stack.loop.run_until(begun + timedelta(minutes=15))
    return outcome(task), (ended[0] - begun).total_seconds()


def request(partner: str, method: str = "GET") -> str:
    client = httpx.Client()
    answer = client.send(client.build_request(method, f"https://{HOSTS.get(partner, 'oms.example.com')}/nowhere"))
    return f"{answer.status_code} {answer.text}"


def a_request(partner: str) -> Scene:
    return lambda stack: in_a_run(stack, lambda: request(partner))[0]


def an_outage(stack: Stack) -> Seen:
    told = [in_a_run(stack, lambda: request("oms"))[0]]
    stack.faults.rates.clear()
    for hours in (0.0, 6.0):
        stack.loop.run_until(stack.time + timedelta(hours=hours))
        told.append(in_a_run(stack, lambda: request("oms"))[0])
    return [answer == told[2] for answer in told]


def a_change_at_a_partner(stack: Stack) -> Seen:
    arrived: list[datetime] = []
    stack.internet.on_answer = lambda _partner: arrived.append(stack.time)
    told, seconds = in_a_run(stack, lambda: request("oms", "PUT"))
    return told, (arrived[0] - START).total_seconds() > seconds > 0, len(arrived)


def a_shop(stack: Stack, *, wake: bool = True) -> Connected:
    rates = dict(stack.faults.rates)
    stack.faults.rates.clear()
    shop = stack.connect()
    stack.faults.rates.update(rates)
    if wake:
        stack.wake()
    Mishaps(stack).start()
    return shop


def after(minutes: float, look: Callable[[Stack, Connected], Seen], *, orders: int = 0) -> Scene:
    """What a shop with some orders shows after so many minutes of mishaps."""

    def scene(stack: Stack) -> Seen:
        shop = a_shop(stack)
        for _ in range(orders):
            stack.order(shop, TEE)
        stack.loop.run_until(START + timedelta(minutes=minutes))
        return look(stack, shop)

    return scene


def lags(stack: Stack, _shop: Connected) -> Seen:
    return max(stack.tiktok._state.index_lag, stack.channeladvisor.index_delay) > timedelta(0)


def searches(stack: Stack, _shop: Connected) -> Seen:
    return sum(each.path.endswith("/orders/search") for each in stack.tiktok.books.requests)


def refusals_of_the_token(stack: Stack, _shop: Connected) -> Seen:
    return sum(each.code == 105002 for each in stack.tiktok.books.requests)


def renewals(stack: Stack, shop: Connected) -> Seen:
    return stack.functions.runs["refresh_tokens"], shop.tokens.access_token.get_secret_value() in stack.secrets.texts[
        f"{STACK}/tiktok/{shop.id}"
    ]


def logins(stack: Stack, _shop: Connected) -> Seen:
    return sum("/oauth2/token" in what for _, _, what in stack.trace.lines)


def refusals_to_come(stack: Stack, _shop: Connected) -> Seen:
    return bool(stack.tiktok._state.failing_locks or stack.channeladvisor._state.failing_adjustments)


def changes(stack: Stack, _shop: Connected) -> Seen:
    return stack.functions.runs["change_settings"]


def a_redrive(stack: Stack) -> Seen:
    stack.functions.dead_letters.append(DeadLetter(at=START, function=JOB, event=EVENT, error="lost"))
    a_shop(stack, wake=False)
    runs = []
    for hours in (12, 169):
        stack.loop.run_until(START + timedelta(hours=hours))
        runs.append(stack.functions.runs["dispatch"])
    return runs


def a_write(stack: Stack) -> Seen:
    told, seconds = in_a_run(stack, lambda: stack.table.put(Put(item=ITEM, expects=0)))
    return told, KEY in stack.memory.items, seconds > 1


def some_runs(stack: Stack) -> Seen:
    a_shop(stack, wake=False)
    for _ in range(5):
        stack.functions.start(JOB, EVENT)
    stack.loop.run_until(START + timedelta(minutes=1))
    return stack.functions.runs["dispatch"], stack.functions.killed > 0


def a_throttling(stack: Stack) -> Seen:
    told = [in_a_run(stack, lambda: stack.table.get(KEY))[0]]
    table = stack.table
    table._out_until = table._out_until and stack.time + timedelta(seconds=30)
    stack.faults.rates.clear()
    told += [in_a_run(stack, lambda: stack.table.get(KEY))[0] for _ in range(2)]
    return told


def a_batch(stack: Stack) -> Seen:
    stack.table.put(Put(item=ITEM))
    told, seconds = in_a_run(stack, lambda: len(stack.table.get_many([KEY, Key("P", "T")])))
    return told, seconds > 0.05


def an_index(stack: Stack) -> Seen:
    stack.table.put(Put(item=ITEM))
    return in_a_run(stack, lambda: len(stack.table.due("L", 9, 9)))[0]


def starting_moment(stack: Stack) -> Seen:
    shop = stack.connect()
    return stack.shops.settings(shop.id).starts_at == START


def containers(stack: Stack) -> Seen:
    started: list[str] = []

    def start(function: Any) -> Any:
        started.append(function.name)
        return lambda _event, _context: {}

    functions = Functions(stack.loop, deployment(), stack.faults, stack.trace, start)
    for _ in range(3):
        functions.start(JOB, EVENT)
        stack.loop.run_until(stack.time + timedelta(minutes=1))
    return len(started)


def of_aws(service: str, call: Callable[[Any], object], look: Callable[[Stack], Seen]) -> Scene:
    """What comes of a call to a service of AWS, whether it took seconds, and what it did."""

    def scene(stack: Stack) -> Seen:
        stack.secrets.texts["secret"] = "old"
        told, seconds = in_a_run(stack, lambda: call(stack._outside.boto3.client(service)))
        return told, seconds > 4, look(stack)

    return scene


def a_secret_read(client: Any) -> object:
    return client.get_secret_value(SecretId="secret")["SecretString"]


def a_secret_written(client: Any) -> object:
    return client.put_secret_value(SecretId="secret", SecretString="new")


def a_notice(client: Any) -> object:
    return client.publish(TopicArn="topic", Subject="subject", Message="text")


def a_timer_started(client: Any) -> object:
    given = f'{{"shop": "1", "slot": "s", "until": "{(START + timedelta(hours=1)).isoformat()}"}}'
    return client.start_execution(stateMachineArn=MACHINE, name="timer", input=given)


def an_invocation(client: Any) -> object:
    return client.invoke(FunctionName=JOB, InvocationType="Event", Payload='{"job": "poll_tiktok"}')


def dispatched(stack: Stack) -> int:
    return stack.functions.runs["dispatch"]


def an_event(stack: Stack) -> Seen:
    begun: list[datetime] = []
    stack.functions.on_run = lambda _run: begun.append(stack.time)
    stack.functions.start(JOB, EVENT)
    stack.loop.run_until(START + timedelta(minutes=10))
    return len(begun), bool(begun) and (begun[0] - START).total_seconds() > 0.9


def schedules(stack: Stack) -> Seen:
    """How many fire in a quarter of an hour, and whether each did in its minute."""
    begun: list[datetime] = []
    stack.functions.on_run = lambda _run: begun.append(stack.time)
    stack.wake()
    stack.loop.run_until(START + timedelta(minutes=15, seconds=30))
    return len(begun), all(moment.second < 2 for moment in begun)


def schedules_that_sleep(stack: Stack) -> Seen:
    stack.wake()
    stack.loop.run_until(START + timedelta(minutes=2, seconds=30))
    stack.faults.rates.clear()
    stack.loop.run_until(START + timedelta(minutes=30))
    early = dispatched(stack) > 3
    stack.loop.run_until(START + timedelta(hours=10))
    return early, dispatched(stack) > 9


def an_execution(stack: Stack) -> Seen:
    a_shop(stack, wake=False)
    a_timer_started(stack._outside.boto3.client("stepfunctions"))
    stack.loop.run_until(START + timedelta(hours=3))
    (execution,) = stack.machines.executions
    assert execution.ended is not None
    late = execution.ended - START > timedelta(minutes=61)
    return execution.status is Status.VANISHED, late, stack.functions.runs["release_due_orders"]


def is_not(calm: Seen) -> Callable[[Seen], bool]:
    return lambda seen: seen != calm


def more_than(number: int) -> Callable[[Seen], bool]:
    return lambda seen: seen > number


def is_(wanted: Seen) -> Callable[[Seen], bool]:
    return lambda seen: seen == wanted


NOTHING: Final = "None"
SCENES: Final[Mapping[Kind, tuple[Scene, Callable[[Seen], bool], Callable[[Seen], bool]]]] = {
    Kind.TIKTOK: (a_request("tiktok"), lambda seen: seen.startswith("4"), is_not("")),
    Kind.CHANNELADVISOR: (a_request("channeladvisor"), lambda seen: seen.startswith("4"), is_not("")),
    Kind.OMS: (a_request("oms"), lambda seen: seen.startswith("4"), is_not("")),
    Kind.EFFECT_LATE: (a_change_at_a_partner, lambda seen: seen[1:] == (False, 1), is_(("ReadTimeout", True, 1))),
    Kind.OUTAGE: (an_outage, is_([True, True, True]), is_([False, False, True])),
    Kind.SEARCH_LATE: (after(16, lags), is_(False), is_(True)),
    Kind.SHORT_PAGES: (after(44, searches, orders=7), more_than(0), more_than(4)),
    Kind.TOKEN: (after(40, refusals_of_the_token), is_(0), more_than(0)),
    Kind.ROTATION: (after(35, renewals), is_((0, True)), lambda seen: seen[0] >= 2 and not seen[1]),
    Kind.ACCESS_TOKEN: (after(59, logins), more_than(0), more_than(0)),
    Kind.REFUSAL: (after(16, refusals_to_come), is_(False), is_(True)),
    Kind.SETTINGS: (after(31, changes), is_(1), more_than(1)),
    Kind.REDRIVE_LATE: (a_redrive, is_([1, 1]), is_([0, 1])),
    Kind.CRASH_BEFORE: (a_write, is_((NOTHING, True, False)), is_(("KilledError", False, False))),
    Kind.CRASH_AFTER: (a_write, is_((NOTHING, True, False)), is_(("KilledError", True, False))),
    Kind.CRASH_AT_LINE: (some_runs, is_((5, False)), lambda seen: seen[1]),
    Kind.PAUSE: (a_write, is_((NOTHING, True, False)), is_((NOTHING, True, True))),
    Kind.CLOCK_SKEW: (starting_moment, is_(True), is_(False)),
    Kind.COLD_START: (containers, is_(1), is_(3)),
    Kind.TABLE_REFUSES: (a_write, is_((NOTHING, True, False)), is_(("RetriableError", False, False))),
    Kind.TABLE_OUT: (a_throttling, is_([NOTHING] * 3), is_(["RetriableError", "RetriableError", NOTHING])),
    Kind.TABLE_ANSWER_LOST: (a_write, is_((NOTHING, True, False)), is_(("VersionConflictError", True, True))),
    Kind.TABLE_CONFLICT: (a_write, is_((NOTHING, True, False)), is_(("VersionConflictError", False, False))),
    Kind.TABLE_BATCH: (a_batch, is_(("1", False)), is_(("1", True))),
    Kind.INDEX_STALE: (an_index, is_("1"), is_("0")),
    Kind.SECRET: (
        of_aws("secretsmanager", a_secret_read, lambda _: None),
        is_(("old", False, None)),
        is_(("ClientError", False, None)),
    ),
    Kind.SECRET_ANSWER_LOST: (
        of_aws("secretsmanager", a_secret_written, lambda stack: stack.secrets.texts["secret"]),
        is_(("{}", False, "new")),
        lambda seen: seen[1:] == (True, "new"),
    ),
    Kind.NOTICE: (
        of_aws("sns", a_notice, lambda stack: len(stack.published)),
        is_((NOTHING, False, 1)),
        is_(("ClientError", False, 0)),
    ),
    Kind.NOTICE_ANSWER_LOST: (
        of_aws("sns", a_notice, lambda stack: len(stack.published)),
        is_((NOTHING, False, 1)),
        lambda seen: seen[1] and seen[2] > 1,
    ),
    Kind.EVENT_REFUSED: (
        of_aws("lambda", an_invocation, dispatched),
        is_((NOTHING, False, 1)),
        is_(("ClientError", False, 0)),
    ),
    Kind.EVENT_ANSWER_LOST: (
        of_aws("lambda", an_invocation, dispatched),
        is_((NOTHING, False, 1)),
        lambda seen: seen[1] and seen[2] > 1,
    ),
    Kind.EVENT_DOUBLED: (an_event, is_((1, False)), is_((2, False))),
    Kind.EVENT_LATE: (an_event, is_((1, False)), is_((1, True))),
    Kind.EVENT_LOST: (an_event, is_((1, False)), is_((0, False))),
    Kind.SCHEDULE_LOST: (schedules, is_((9, True)), is_((0, True))),
    Kind.SCHEDULE_LATE: (schedules, is_((9, True)), lambda seen: not seen[1]),
    Kind.SCHEDULE_DOUBLED: (schedules, is_((9, True)), is_((18, True))),
    Kind.SCHEDULES_SLEEP: (schedules_that_sleep, is_((True, True)), is_((False, True))),
    Kind.TIMER_REFUSED: (
        of_aws("stepfunctions", a_timer_started, lambda stack: len(stack.machines.executions)),
        is_((NOTHING, False, 1)),
        is_(("ClientError", False, 0)),
    ),
    Kind.TIMER_ANSWER_LOST: (
        of_aws("stepfunctions", a_timer_started, lambda stack: len(stack.machines.executions)),
        is_((NOTHING, False, 1)),
        lambda seen: seen[1:] == (True, 1),
    ),
    Kind.TIMER_VANISHED: (an_execution, is_((False, False, 1)), is_((True, False, 0))),
    Kind.TIMER_LATE: (an_execution, is_((False, False, 1)), is_((False, True, 1))),
    Kind.TIMER_DOUBLED: (an_execution, is_((False, False, 1)), is_((False, False, 2))),
}
"""By kind: what happens, how it looks without the fault, and how with it."""


def played(scene: Scene, rates: Mapping[Kind, float], *left_out: str, seed: int = 1) -> tuple[Stack, Seen]:
    stack = Stack(
        seed=seed, start=START, faults=lambda clock: Faults(seed, rates, clock, left_out), trace=Trace(keeps=None)
    )
    with stack.connected_to_partners():
        return stack, scene(stack)
