"""What each function's role allows, by the very evaluator that the embedded AWS uses, and what the functions use of it.

`GuardedTable` stands between a run and its table, `guard` between a handler and boto3: what the template does not
allow is denied there too, as AWS would, and what is used is remembered.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from local.aws_corrections.leading_keys import CONDITION_KEY, leading_keys, leading_keys_of_item
from local.translate_template import read_template, translate_template
from order_sync.ledger.table import Item, Key, Put, Table, Write

STACK: Final = "stack"
ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
TEMPLATE: Final = translate_template(read_template())
RESOURCES: Final[dict[str, Any]] = TEMPLATE["Resources"]
SOURCE_FUNCTIONS: Final = {
    name: resource["Properties"]
    for name, resource in read_template()["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
LOGICAL_NAMES: Final = {each["CodeUri"].removeprefix("functions/"): name for name, each in SOURCE_FUNCTIONS.items()}
"""A function's folder → its name in the template."""

LEDGER: Final = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ledger"
DUE: Final = f"{LEDGER}/index/due"
SECRETS: Final = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{STACK}/"
TOPIC: Final = f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-attention"


class Use(NamedTuple):
    """Something that a function did: the action, on what, and for the ledger the family of the item's key."""

    function: str
    action: str
    resource: str
    family: str = ""


class DeniedError(Exception):
    """The function's role does not allow it."""


used: set[Use] = set()
"""By every function that ran in this process, guarded."""


def family(partition_key: str) -> str:
    """The family of a key, as policies name it: ORDER#* of ORDER#<shop>#<order>."""
    return re.sub(r"#.*", "#*", partition_key)


def use(function: str, action: str, resource: str, partition_keys: Iterable[str] = ()) -> None:
    """Do something in the name of a function, or not. Raises DeniedError."""
    families = {family(key) for key in partition_keys} or {""}
    for each in families:
        done = Use(function, action, resource, each)
        if not is_allowed(done):
            raise DeniedError(f"{function} may not {action} {each or resource}: no statement of its role allows it")
        used.add(done)


def use_in_transaction(function: str, writes: Iterable[tuple[str, str]]) -> None:
    """Write several items at once in the name of a function, or not; each is an action and a partition key.

    AWS does not say whether each item is judged by its own key or by those of the whole transaction, so that a
    statement has to allow the whole. Raises DeniedError.
    """
    wanted = list(writes)
    families = tuple(sorted({family(key) for _, key in wanted}))
    for action in sorted({action for action, _ in wanted}):
        if not _is_allowed(function, action, LEDGER, families):
            raise DeniedError(f"{function} may not {action} with {', '.join(families)}: no one statement allows it")
        used.update(Use(function, action, LEDGER, each) for each in families)


def is_allowed(what: Use) -> bool:
    """Whether a function's role allows it."""
    return _is_allowed(what.function, what.action, what.resource, (what.family,) if what.family else ())


@cache
def _is_allowed(function: str, action: str, resource: str, families: tuple[str, ...]) -> bool:
    context: dict[str, Any] = {CONDITION_KEY.lower(): [each.replace("*", "1#2") for each in families]}
    asked = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{function}/{function}",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
        service_context=context if families else {},
    )
    allowed: str = evaluate(asked, [parse_policy_document({"Statement": statements_of(function)})]).decision
    return allowed == "Allow"


@cache
def statements_of(function: str) -> list[dict[str, Any]]:
    """All statements of a function's role, with their references resolved; `function` is its folder."""
    role = RESOURCES[f"{LOGICAL_NAMES[function]}Role"]["Properties"]
    documents = [policy["PolicyDocument"] for policy in role["Policies"]]
    documents += [
        RESOURCES[managed["Ref"]]["Properties"]["PolicyDocument"]
        for managed in role["ManagedPolicyArns"]
        if isinstance(managed, dict)
    ]
    found: list[dict[str, Any]] = [
        resolved(statement) for document in documents for statement in as_list(document["Statement"])
    ]
    return found


def as_list(value: Any) -> list[Any]:
    """A policy may write one thing without a list."""
    return value if isinstance(value, list) else [value]


def resolved(value: Any) -> Any:
    """A property of the template as a deployment has it."""
    match value:
        case {"Fn::GetAtt": [name, "Arn"]}:
            return arn_of(name)
        case {"Ref": "Attention"}:
            return TOPIC
        case {"Ref": name}:
            return PSEUDO.get(name, name)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(.+?)\}", lambda found: _value_of(found.group(1)), text)
        case dict():
            return {name: resolved(each) for name, each in value.items()}
        case list():
            return [resolved(each) for each in value]
        case _:
            return value


PSEUDO: Final = {
    "AWS::StackName": STACK,
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
}


def _value_of(name: str) -> str:
    return arn_of(name.removesuffix(".Arn")) if name.endswith(".Arn") else PSEUDO.get(name, name)


def arn_of(name: str) -> str:
    """The ARN of a resource of the template."""
    if name == "Ledger":
        return LEDGER
    if name in SOURCE_FUNCTIONS:
        return resolved_function(name)
    return f"arn:aws:any:{REGION}:{ACCOUNT}:{name}"


def resolved_function(name: str) -> str:
    """The ARN of a function."""
    called = SOURCE_FUNCTIONS[name]["FunctionName"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{called}"


class GuardedTable:
    """The `Table` port for a run: what the running function's role does not allow is denied."""

    def __init__(self, table: Table, running: Callable[[], str]) -> None:
        self._table = table
        self._running = running

    def get(self, key: Key) -> Item | None:
        """One item."""
        self._use("GetItem", [key.pk])
        return self._table.get(key)

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Those of the items that exist."""
        wanted = list(keys)
        self._use("BatchGetItem", [key.pk for key in wanted])
        return self._table.get_many(wanted)

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        """The items of one partition in a range of sort keys."""
        self._use("Query", [pk])
        return self._table.query(pk, since=since, before=before)

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        """From the index: the keys that are due."""
        self._use("Query", index=True)
        return self._table.due(due_list, until, limit, since)

    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        """From the index: how many keys are due."""
        self._use("Query", index=True)
        return self._table.count_due(due_list, until, since)

    def put(self, put: Put) -> None:
        """Write one item. Raises VersionConflictError."""
        self._use("PutItem", [put.key.pk])
        self._table.put(put)

    def write_all(self, writes: Sequence[Write]) -> None:
        """Write all items or none. Raises VersionConflictError."""
        if function := self._running():
            actions = (("PutItem" if isinstance(write, Put) else "UpdateItem", write.key.pk) for write in writes)
            use_in_transaction(function, ((f"dynamodb:{action}", key) for action, key in actions))
        self._table.write_all(writes)

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        """Remove an item. Raises VersionConflictError."""
        self._use("DeleteItem", [key.pk])
        self._table.delete(key, expects=expects)

    def _use(self, operation: str, partition_keys: Sequence[str] = (), *, index: bool = False) -> None:
        # An empty batch asks DynamoDB for nothing.
        if (function := self._running()) and (index or partition_keys):
            use(function, f"dynamodb:{operation}", DUE if index else LEDGER, partition_keys)


_ITEM_ACTIONS: Final = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "Get": "GetItem"}


def guard(function: str, service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Judge one call of boto3 in the name of a function, as AWS would. Raises DeniedError."""
    match service:
        case "dynamodb" if "TransactItems" in parameters:
            use_in_transaction(
                function,
                (
                    (f"dynamodb:{_ITEM_ACTIONS[part]}", key)
                    for item in parameters["TransactItems"]
                    for part in item
                    for key in leading_keys_of_item(item)
                ),
            )
        case "dynamodb":
            place = DUE if "IndexName" in parameters else LEDGER
            use(function, f"dynamodb:{operation}", place, leading_keys(parameters))
        case "secretsmanager":
            name = parameters.get("SecretId") or parameters["Name"]
            use(function, f"secretsmanager:{operation}", f"{SECRETS}{name.removeprefix(STACK + '/')}-AbCdEf")
        case "stepfunctions" | "sfn":
            use(function, f"states:{operation}", parameters["stateMachineArn"])
        case "sns":
            use(function, f"sns:{operation}", parameters["TopicArn"])
        case "lambda":
            called = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{parameters['FunctionName']}"
            use(function, "lambda:InvokeFunction" if operation == "Invoke" else f"lambda:{operation}", called)
        case _:
            raise DeniedError(f"{function} may not call {service} at all")


ACTIONS: Final = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
FAMILIES: Final = (
    "ORDER#*",
    "SHOP#*",
    "SHOPS",
    "TRACKING#*",
    "REQUEST#*",
    "RETURN#*",
    "LISTINGS#*",
    "CONSENT#*",
    "NOTIFICATION#*",
)
"""Of all partition keys (ledger/keys.py)."""


def families_for(function: str, *actions: str) -> list[str]:
    """The families of items with which a function may do one of some things."""
    return [
        each
        for each in FAMILIES
        if any(is_allowed(Use(function, f"dynamodb:{action}", LEDGER, each)) for action in actions)
    ]


def may_list_due(function: str) -> bool:
    """Whether a function may read the index."""
    return is_allowed(Use(function, "dynamodb:Query", DUE))


def others_of(function: str, *actions: str) -> list[str]:
    """What else a function may do some things to, by the ends of their names."""
    found = {
        called(resource)
        for statement in statements_of(function)
        if {*actions} & {*as_list(statement["Action"])}
        for resource in as_list(statement["Resource"])
    }
    return sorted(found)


def called(arn: str) -> str:
    """What people call a resource: the end of its ARN, without the stack's name."""
    return re.sub(r"-\?{6}$", "", re.split(rf":|{STACK}[/-]", arn)[-1])


def row_of(function: str) -> str:
    """A function's row in the table of docs/security.md."""

    def items(*actions: str) -> str:
        return " ".join(each.removesuffix("#*") for each in families_for(function, *actions))

    starts = others_of(function, "lambda:InvokeFunction")
    cells = [
        f"`{function}`",
        items("GetItem", "BatchGetItem", "Query"),
        "yes" if may_list_due(function) else "",
        items("PutItem", "UpdateItem"),
        items("DeleteItem"),
        " ".join(others_of(function, "secretsmanager:GetSecretValue")),
        " ".join(others_of(function, "secretsmanager:PutSecretValue", "secretsmanager:CreateSecret")),
        " ".join(
            [*others_of(function, "states:StartExecution", "sns:Publish"), *(["all jobs"] if starts[1:] else starts)]
        ),
    ]
    return f"| {' | '.join(each or '-' for each in cells)} |"
