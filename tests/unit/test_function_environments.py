"""What a local run of a function is told about the deployed stack."""

from typing import TYPE_CHECKING, cast

from local.function_environments import function_names, variables_of

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef
    from types_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef


def resource(kind: str, logical: str, **more: str) -> "StackResourceSummaryTypeDef":
    return cast("StackResourceSummaryTypeDef", {"ResourceType": kind, "LogicalResourceId": logical, **more})


def configuration(**parts: object) -> "FunctionConfigurationResponseTypeDef":
    return cast("FunctionConfigurationResponseTypeDef", parts)


def test_only_the_functions_of_a_stack_that_exist_are_named() -> None:
    resources = [
        resource("AWS::DynamoDB::Table", "Ledger", PhysicalResourceId="shop-Ledger-1"),
        resource("AWS::Lambda::Function", "PollOms", PhysicalResourceId="shop-poll-oms"),
        resource("AWS::Lambda::Function", "NotMadeYet"),
    ]

    assert function_names(resources) == {"PollOms": "shop-poll-oms"}


def test_a_function_is_told_its_deployed_variables() -> None:
    variables = {"TABLE_NAME": "shop-Ledger-1", "SECRETS_PREFIX": "shop"}

    assert variables_of(configuration(Environment={"Variables": variables})) == variables


def test_a_function_without_variables_is_told_nothing() -> None:
    assert variables_of(configuration(FunctionName="shop-bare")) == {}
