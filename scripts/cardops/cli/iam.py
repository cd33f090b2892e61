"""`cardops iam`: the policies that each role needs, and a template that sets the roles up."""

import json
from pathlib import Path
from typing import Any

import click

from cardops.cli.console import print_findings
from cardops.cli.options import Group, repository_option
from cardops.commands.workspace import find_account, load_workspace
from cardops.desired.former_owners import include_former_owners
from cardops.desired.key_consumers import key_policy
from cardops.iam.guardrails import DEPLOYER, cards, guardrails
from cardops.iam.lock_check import check_lock
from cardops.iam.policies import policy
from cardops.iam.requirements import AccountScope, capabilities, scope_of
from cardops.iam.template import template as roles_template
from cardops.model.desired import Desired, Means
from cardops.model.errors import ExitCode, UsageError
from cardops.model.read_only import CheckResult

account_option = click.option("--account", "alias", metavar="NAME", default="", help="Only this account.")


@click.group(cls=Group)
def command() -> None:
    """Print least-privilege policies, derived from the operations that cardops calls and from what is declared.

    \b
    Examples:
      cardops iam apply --account shared-services
      cardops iam template --account ml-prod > roles.yaml
    """


@command.command("plan")
@repository_option
@account_option
def plan(start: Path, alias: str) -> int:
    """Print what `plan_role` needs: reading the account's cards, and the origins of hub copies."""
    return _roles(start, alias, "plan")


@command.command("apply")
@repository_option
@account_option
def apply(start: Path, alias: str) -> int:
    """Print what `role` needs where the account owns cards: reading and writing what carries the repository's tag."""
    return _roles(start, alias, "apply")


@command.command("consumer")
@repository_option
@account_option
@click.option("--probe-write", is_flag=True, help="Also what `cardops access --verify --probe-write` needs.")
def consumer(start: Path, alias: str, probe_write: bool) -> int:
    """Print what `role` needs where others share cards with the account, to accept them and to verify access.

    Where the account declares `read_only: [scp]` also the policy of the organization that denies it to write.
    """
    return _roles(start, alias, "consumer", probe_write)


@command.command("lock")
@repository_option
@click.option(
    "--deployer",
    metavar="ARN",
    default=DEPLOYER,
    show_default=True,
    help="Pattern of the ARN of the roles that may make and change reader and contributor roles.",
)
@click.option("--check", is_flag=True, help="Ask each account's simulator whether these policies are in force.")
def lock(start: Path, deployer: str, check: bool) -> int:
    """Print the service control policies for the organization's root, by name.

    They keep shared cards read-only and locked cards unchanged, and reserve sharing, package approval and the reader
    roles for cardops. No such policy binds the organization's management account. With --check nothing is printed
    but what each account's simulator says: exits 1 where a policy is not in force, 3 where that cannot be verified.
    """
    if not deployer:
        raise UsageError("--deployer is empty", "name the ARN of the role that deploys the reader roles")
    desired = _desired(start)
    return _check(desired) if check else _print(guardrails(desired, deployer))


def _check(desired: Desired) -> int:
    from cardops.aws.cloud import Boto3Cloud

    found = list(check_lock(Boto3Cloud(desired.config, "role"), desired))
    for one in found:
        click.echo(f"{one.account}: {one.policy}: {one.result}{f' ({one.why})' if one.why else ''}")
    results = {one.result for one in found}
    if CheckResult.FAILS in results:
        return ExitCode.DENIED
    return ExitCode.INCOMPLETE if CheckResult.UNKNOWN in results else ExitCode.DONE


@command.command("key-policy")
@repository_option
def keys(start: Path) -> int:
    """The statements that the policy of each declared key needs for the declared consumers."""
    return _print(key_policy(_desired(start)))


@command.command("template")
@repository_option
@click.option("--account", "alias", metavar="NAME", default="", help="The account to set up. Default: home.")
def template(start: Path, alias: str) -> int:
    """A CloudFormation template (YAML) for an account's roles; home's also lets GitHub's workflows take them."""
    import yaml

    desired = _desired(start)
    alias = alias or desired.config.home
    find_account(alias, desired.config)
    click.echo(yaml.safe_dump(roles_template(desired, alias), sort_keys=False, width=120), nl=False)
    return ExitCode.DONE


def _roles(start: Path, alias: str, kind: str, probe: bool = False) -> int:
    desired = _desired(start)
    found: dict[str, Any] = {}
    for name in [alias] if alias else list(desired.config.accounts):
        find_account(name, desired.config)
        here = scope_of(desired, name)
        if wanted := capabilities(here, kind, probe):
            found[name] = _entry(desired, here, kind, policy(here, wanted))
    if not found:
        what = "has nothing shared with it" if kind == "consumer" else "owns no cards, and no hub copy is made from it"
        raise UsageError(f"{alias or 'no account'} {what}", "name another account")
    return _print(found)


def _entry(desired: Desired, here: AccountScope, kind: str, statements: dict[str, Any]) -> dict[str, Any]:
    account = here.account
    made = {"account": account.id, "role": account.plan_role if kind == "plan" else account.role, "policy": statements}
    if kind == "consumer" and Means.SCP in account.read_only:
        made["organization_policy"] = cards(desired)
    return made


def _desired(start: Path) -> Desired:
    workspace = load_workspace(start)
    print_findings(workspace.findings)
    return include_former_owners(workspace.root, workspace.desired)


def _print(value: object) -> int:
    click.echo(json.dumps(value, indent=2))
    return ExitCode.DONE
