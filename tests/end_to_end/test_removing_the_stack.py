"""A removed stack leaves its data, and they become part of a new stack again: as far as the embedded AWS can tell.

It imports tables and keys, and no secrets, which AWS does import; and it takes a secret that exists for a new one,
where AWS refuses the stack. So the fingerprint key's way back is not tried here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from local.protect_stack import protect
from local.sam import built, run_sam
from local.stack import Stack, clean_environment, embedded_stack, machine_architecture
from local.translate_template import read_template

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]

FINGERPRINT_KEY = "order-sync/fingerprint-key"
SHOP = {"pk": {"S": "SHOPS"}, "sk": {"S": "7495540735365777507"}, "active": {"BOOL": True}}


@dataclass(frozen=True, slots=True)
class Removed:
    """What is left of a stack, and what it held."""

    stack: Stack
    table: str
    key: str
    fingerprint_key: str


@pytest.fixture
def removed() -> Iterator[Removed]:
    with embedded_stack() as stack:
        cloudformation = stack.client("cloudformation")
        stack.client("dynamodb").put_item(TableName=stack.outputs["LedgerTable"], Item=SHOP)
        fingerprint_key = stack.client("secretsmanager").get_secret_value(SecretId=FINGERPRINT_KEY)["SecretString"]
        assert "is protected" in protect(stack.name, protected=True, cloudformation=cloudformation)
        with pytest.raises(ClientError, match="TerminationProtection is enabled"):
            cloudformation.delete_stack(StackName=stack.name)
        assert "can be deleted" in protect(stack.name, protected=False, cloudformation=cloudformation)
        cloudformation.delete_stack(StackName=stack.name)
        wait(stack, "stack_delete_complete")
        yield Removed(stack, stack.outputs["LedgerTable"], stack.outputs["DataKeyId"], fingerprint_key)


def wait(stack: Stack, until: str) -> None:
    waiter = stack.client("cloudformation").get_waiter(until)
    waiter.wait(StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def test_a_removed_stack_leaves_its_data_and_a_new_one_goes_on_with_them(removed: Removed) -> None:
    stack = removed.stack
    assert stack.client("dynamodb").scan(TableName=removed.table)["Items"] == [SHOP]
    assert stack.client("dynamodb").describe_table(TableName=removed.table)["Table"]["DeletionProtectionEnabled"]
    assert stack.client("kms").describe_key(KeyId=removed.key)["KeyMetadata"]["KeyState"] == "Enabled"
    kept = stack.client("secretsmanager").get_secret_value(SecretId=FINGERPRINT_KEY)["SecretString"]
    assert kept == removed.fingerprint_key
    assert stack.client("lambda").list_functions()["Functions"] == []
    assert stack.client("stepfunctions").list_state_machines()["stateMachines"] == []

    cloudformation = stack.client("cloudformation")
    resources = read_template()["Resources"]
    cloudformation.create_change_set(
        StackName=stack.name,
        ChangeSetName="come-back",
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": {name: resources[name] for name in ("Ledger", "DataKey")}}),
        ResourcesToImport=[
            {
                "ResourceType": "AWS::DynamoDB::Table",
                "LogicalResourceId": "Ledger",
                "ResourceIdentifier": {"TableName": removed.table},
            },
            {
                "ResourceType": "AWS::KMS::Key",
                "LogicalResourceId": "DataKey",
                "ResourceIdentifier": {"KeyId": removed.key},
            },
        ],
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        StackName=stack.name, ChangeSetName="come-back", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    cloudformation.execute_change_set(StackName=stack.name, ChangeSetName="come-back")
    wait(stack, "stack_import_complete")
    _deploy_again(stack)

    outputs = {
        each["OutputKey"]: each["OutputValue"]
        for each in cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]["Outputs"]
    }
    assert (outputs["LedgerTable"], outputs["DataKeyId"]) == (removed.table, removed.key)
    answer = stack.client("lambda").invoke(
        FunctionName=outputs["DispatchFunction"], Payload=json.dumps({"job": "poll_tiktok"})
    )
    assert json.loads(answer["Payload"].read()) == {"shops_started": 1}


def _deploy_again(stack: Stack) -> None:
    architecture = machine_architecture()
    with (
        (stack.log_folder / "again.log").open("w+") as log,
        built(architecture, clean_environment(), log) as build,
    ):
        run_sam(
            "deploy",
            [
                *("--template-file", str(build / "template.yaml"), "--stack-name", stack.name),
                *("--parameter-overrides", f"Architecture={architecture}"),
            ],
            clean_environment() | {"AWS_ENDPOINT_URL": stack.endpoint, "SAM_CLI_POLL_DELAY": "0.2"},
            log,
        )
