"""The template as AWS transforms it, made without AWS: for cfn-lint and for the tests of the template's promises.

python -m local.translate_template prints it as JSON.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
REGION = "us-east-1"

# A translation never opens these; it only insists on S3 addresses where `sam package` would have put them.
PLACEHOLDER_URI = "s3://built/artefact"
ARTEFACT_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}
MANAGED_POLICIES = {
    "AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
}

type Template = dict[str, Any]


def read_template(path: Path = TEMPLATE) -> Template:
    """The template as it is written, with CloudFormation's short forms in their long form."""
    return cast("Template", yaml_parse(path.read_text()))


def translate_template(template: Template, parameters: Mapping[str, str] | None = None) -> Template:
    """The plain CloudFormation template that AWS would make of a SAM template; the argument is left as it is."""
    source = json.loads(json.dumps(template))
    for resource in source["Resources"].values():
        if artefact := ARTEFACT_PROPERTIES.get(resource["Type"]):
            resource["Properties"][artefact] = PLACEHOLDER_URI
    translator = Translator(MANAGED_POLICIES, Parser(), boto_session=boto3.Session(region_name=REGION))
    return cast("Template", translator.translate(source, dict(parameters or {})))


if __name__ == "__main__":
    json.dump(translate_template(read_template()), sys.stdout, indent=2)
