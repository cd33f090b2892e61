"""`cardops iam`: the policies that each role needs, and a template that sets the roles up. Asks nothing of AWS."""

import json
from pathlib import Path
from typing import Any

import click

from cardops.cli.console import print_findings
from cardops.cli.options import Group, repository_option
from cardops.commands.workspace import find_account, load_workspace
from cardops.desired.former_owners import include_former_owners
from cardops.desired.key_consumers import key_policy
from cardops.iam.policies import denies_writes, deny_direct_writes, policy
from cardops.iam.requirements import AccountScope, capabilities, scope_of
from cardops.iam.template import template as roles_template
from cardops.model.desired import Desired, Means
from cardops.model.errors import ExitCode, UsageError

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
    """What `plan_role` needs: reading what the account owns, and the origins of hub copies."""
    return _roles(start, alias, "plan")


@command.command("apply")
@repository_option
@account_option
def apply(start: Path, alias: str) -> int:
    """What `role` needs where the account owns cards: reading and writing what carries the repository's tag."""
    return _roles(start, alias, "apply")


@command.command("consumer")
@repository_option
@account_option
@click.option("--probe-write", is_flag=True, help="Also what `cardops access --verify --probe-write` needs.")
def consumer(start: Path, alias: str, probe_write: bool) -> int:
    """What `role` needs where others share cards with the account, to accept them and to verify access.

    Where the account declares `read_only: [scp]` also the policy of the organization that denies it to write.
    """
    return _roles(start, alias, "consumer", probe_write)


@command.command("lock")
@repository_option
def lock(start: Path) -> int:
    """The policy of the organization that lets only the apply roles change locked cards.

    No such policy binds the organization's management account. That it reaches calls from other accounts is not
    documented by AWS: try it with `cardops access --verify --probe-write` before you rely on it.
    """
    desired = _desired(start)
    grounds = (scope_of(desired, alias) for alias in desired.config.accounts)
    return _print(deny_direct_writes([one for one in grounds if one.owned]))


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
            found[name] = _entry(here, kind, policy(here, wanted))
    if not found:
        what = "has nothing shared with it" if kind == "consumer" else "owns no cards, and no hub copy is made from it"
        raise UsageError(f"{alias or 'no account'} {what}", "name another account")
    return _print(found)


def _entry(here: AccountScope, kind: str, statements: dict[str, Any]) -> dict[str, Any]:
    account = here.account
    made = {"account": account.id, "role": account.plan_role if kind == "plan" else account.role, "policy": statements}
    if kind == "consumer" and Means.SCP in account.read_only:
        made["organization_policy"] = denies_writes(here)
    return made


def _desired(start: Path) -> Desired:
    workspace = load_workspace(start)
    print_findings(workspace.findings)
    return include_former_owners(workspace.root, workspace.desired)


def _print(value: object) -> int:
    click.echo(json.dumps(value, indent=2))
    return ExitCode.DONE
