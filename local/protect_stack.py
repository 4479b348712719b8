"""Termination protection, which SAM has no setting for: nobody deletes a protected stack by one command.

`make protect` runs it, and `make deploy ENVIRONMENT=production` after each deployment:
python -m local.protect_stack <stack> on|off
"""

import sys
from typing import TYPE_CHECKING, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_cloudformation.client import CloudFormationClient

SWITCH: Final = {"on": True, "off": False}


def protect(stack: str, *, protected: bool, cloudformation: "CloudFormationClient") -> str:
    """Protect a stack from deletion, or allow it again; gives the sentence that says so."""
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=protected)
    return f"Stack {stack} {'is protected from deletion' if protected else 'can be deleted'}."


def main(stack: str, switch: str) -> None:
    """With the caller's own AWS settings."""
    if switch not in SWITCH:
        sys.exit(f"Protection is on or off, not {switch}.")
    try:
        print(protect(stack, protected=SWITCH[switch], cloudformation=boto3.client("cloudformation")))
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"The protection of stack {stack} could not be changed: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
