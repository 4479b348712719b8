"""The variables of a deployed stack's functions, as `sam local invoke --env-vars` reads them.

Without them a local run would take the template's names for real ones. `make environment` writes the file:
python -m local.function_environments <stack> <file>
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_cloudformation.client import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef
    from types_boto3_lambda.client import LambdaClient
    from types_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

type Environments = Mapping[str, Mapping[str, str]]
"""The template's logical name of a function → its variables."""


def function_environments(
    stack: str, cloudformation: "CloudFormationClient", functions: "LambdaClient"
) -> Environments:
    """The variables of every function that is deployed in a stack."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    names = function_names(resource for page in pages for resource in page["StackResourceSummaries"])
    return {
        logical: variables_of(functions.get_function_configuration(FunctionName=physical))
        for logical, physical in names.items()
    }


def function_names(resources: "Iterable[StackResourceSummaryTypeDef]") -> dict[str, str]:
    """The functions among a stack's resources: logical name → physical name."""
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::Lambda::Function" and "PhysicalResourceId" in resource
    }


def variables_of(configuration: "FunctionConfigurationResponseTypeDef") -> dict[str, str]:
    """A function's variables, from what Lambda says about it."""
    return dict(configuration.get("Environment", {}).get("Variables", {}))


def main(stack: str, file: str) -> None:
    """Write the variables of a stack's functions to a file, with the caller's own AWS settings."""
    try:
        environments = function_environments(stack, boto3.client("cloudformation"), boto3.client("lambda"))
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"The functions of stack {stack} could not be read: {error}")
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(environments, indent=2))
    print(f"{file} has the variables of {len(environments)} functions of stack {stack}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
