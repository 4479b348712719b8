"""What is kept is encrypted by the stack's own key, what goes over a wire by TLS, and the key serves nobody else."""

from typing import Any

import pytest

from local.translate_template import read_template
from tests.rights import RESOURCES, as_list, resolved

OURS = {"Fn::GetAtt": ["DataKey", "Arn"]}
KEY_STATEMENTS: list[dict[str, Any]] = RESOURCES["DataKey"]["Properties"]["KeyPolicy"]["Statement"]
THE_ACCOUNT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
ENCRYPTED_BY = {
    "AWS::DynamoDB::Table": lambda properties: properties["SSESpecification"]["KMSMasterKeyId"],
    "AWS::SQS::Queue": lambda properties: properties["KmsMasterKeyId"],
    "AWS::SNS::Topic": lambda properties: properties["KmsMasterKeyId"],
    "AWS::Logs::LogGroup": lambda properties: properties["KmsKeyId"],
    "AWS::SecretsManager::Secret": lambda properties: properties["KmsKeyId"],
}
KEPT = {name: each for name, each in RESOURCES.items() if each["Type"] in ENCRYPTED_BY}
DATA = ("Ledger", "DataKey", "FingerprintKey")


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == kind}


def test_there_is_something_of_each_kind_to_encrypt() -> None:
    assert {each["Type"] for each in KEPT.values()} == set(ENCRYPTED_BY)


@pytest.mark.parametrize("name", KEPT)
def test_whatever_is_kept_is_encrypted_by_the_key_of_the_stack(name: str) -> None:
    assert ENCRYPTED_BY[KEPT[name]["Type"]](KEPT[name]["Properties"]) == OURS


@pytest.mark.parametrize("name", of_type("AWS::Logs::LogGroup"))
def test_every_log_forgets_and_its_name_is_one_that_the_key_admits(name: str) -> None:
    (admitted,) = (
        each["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
        for each in KEY_STATEMENTS
        if each["Principal"] == {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}}
    )
    group = RESOURCES[name]["Properties"]
    called = resolved(group["LogGroupName"])
    beginnings = [resolved(each).partition(":log-group:")[2].removesuffix("*") for each in admitted]

    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert any(called.startswith(beginning) for beginning in beginnings)


def test_the_key_serves_exactly_the_services_that_must_use_it() -> None:
    served = [each["Principal"].get("Service", "the account") for each in KEY_STATEMENTS]

    assert [resolved(each) for each in served] == [
        "the account",
        "the account",
        "logs.us-east-1.amazonaws.com",
        "cloudwatch.amazonaws.com",
    ]
    assert all("Condition" in each for each in KEY_STATEMENTS[1:])
    assert not any("*" in action for each in KEY_STATEMENTS for action in as_list(each["Action"]))


def test_managing_the_key_does_not_read_and_reading_goes_through_the_services_that_keep() -> None:
    manages, uses = (each for each in KEY_STATEMENTS if each["Principal"] == THE_ACCOUNT)
    data = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant"}

    assert not data & {*manages["Action"]}
    assert "kms:PutKeyPolicy" in manages["Action"]
    assert resolved(uses["Condition"]) == {
        "StringEquals": {
            "kms:ViaService": [
                f"{service}.us-east-1.amazonaws.com" for service in ("dynamodb", "secretsmanager", "sns", "sqs")
            ]
        }
    }


def denied_without_tls(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        each
        for each in statements
        if (each["Effect"], each["Principal"], each.get("Condition"))
        == ("Deny", "*", {"Bool": {"aws:SecureTransport": "false"}})
    ]


def test_queues_and_topic_refuse_whoever_comes_without_tls() -> None:
    (queues,) = of_type("AWS::SQS::QueuePolicy").values()
    (topic,) = of_type("AWS::SNS::TopicPolicy").values()
    (of_queues,) = denied_without_tls(queues["PolicyDocument"]["Statement"])
    (of_topic,) = denied_without_tls(topic["PolicyDocument"]["Statement"])

    assert {each["Ref"] for each in queues["Queues"]} == set(of_type("AWS::SQS::Queue"))
    assert {each["Fn::GetAtt"][0] for each in of_queues["Resource"]} == set(of_type("AWS::SQS::Queue"))
    assert of_queues["Action"] == "sqs:*"
    assert (of_topic["Action"], of_topic["Resource"]) == ("sns:Publish", {"Ref": "Attention"})


def test_whoever_sends_to_an_encrypted_queue_may_use_its_key_through_it() -> None:
    wanted = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "sqs.${AWS::Region}.amazonaws.com"}}}
    (schedules,) = RESOURCES["ScheduleRole"]["Properties"]["Policies"]
    for document in (
        RESOURCES["UseDataKey"]["Properties"]["PolicyDocument"],
        schedules["PolicyDocument"],
    ):
        (uses,) = (each for each in document["Statement"] if each.get("Condition") == wanted)
        assert set(uses["Action"]) == {"kms:GenerateDataKey", "kms:Decrypt"}
        assert uses["Resource"] == OURS


@pytest.mark.parametrize("name", DATA)
def test_data_and_what_it_is_read_with_stay_when_the_stack_goes(name: str) -> None:
    resource = read_template()["Resources"][name]

    assert resource["DeletionPolicy"] in {"Retain", "RetainExceptOnCreate"}
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_key_is_renewed_every_year() -> None:
    assert RESOURCES["DataKey"]["Properties"]["EnableKeyRotation"] is True
