"""`cardops policy new` and `cardops policy who`: write a rule, and see whom it concerns."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import click

from cardops.cli.console import print_findings
from cardops.cli.options import Command, repository_option, today_option
from cardops.commands.policy_who import concerned
from cardops.commands.workspace import find_root, write_atomically
from cardops.model.errors import ExitCode, UsageError
from cardops.policy.files import FOLDER, Folder
from cardops.policy.forms import closest_match
from cardops.policy.loader import load_policies
from cardops.render.escape import escape_invisible

RULE_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-[0-9]{3,}").fullmatch
COLOURS: Mapping[str, str] = {"pass": "green", "fail": "red", "error": "red", "skip": "cyan"}


@click.command(cls=Command)
@click.argument("rule_id", metavar="ID")
@click.option("--field", default="owner", metavar="PATH", help="The field that has to say something. Default: owner.")
@click.option("--to", "name", default="own", metavar="NAME", help="Write to policies/NAME.yaml. Default: own.")
@repository_option
def new(rule_id: str, field: str, name: str, start: Path) -> int:
    """Add a rule with tests, of level audit, for you to edit. It says that a field of a card is not empty.

    \b
    Examples:
      cardops policy new TEAM-001
      cardops policy new TEAM-002 --field content.intended_uses.purpose_of_model --to team
    """
    root = find_root(start)
    known = load_policies(Folder(root)).rules
    if not RULE_ID(rule_id):
        raise UsageError(f"{rule_id!r} is not an id for a rule.", "write capitals, a dash and three digits: TEAM-001")
    if rule_id in known:
        raise UsageError(f"There is a rule {rule_id} already, at {known[rule_id].place('id')}.", "choose another id")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) or name in ("enforcement", "vocabulary"):
        raise UsageError(f"{name!r} is not a name for a file of rules.", "write small letters, digits and dashes")
    if not re.fullmatch(r"[A-Za-z_][\w -]*(\.[A-Za-z_][\w -]*)*", field):
        raise UsageError(f"{field!r} is not the path of a field.", "write content.intended_uses.risk_rating")
    path = root / FOLDER / f"{name}.yaml"
    text = path.read_text("utf-8").rstrip("\n") + "\n\n" if path.exists() else "rules:\n"
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, text + _skeleton(rule_id, field))
    then = "Edit it, then run `cardops policy test` and `cardops policy who`."
    click.echo(f"{rule_id} is in {FOLDER}/{name}.yaml. {then}")
    return ExitCode.DONE


@click.command(cls=Command)
@click.argument("rule_id", metavar="ID")
@today_option
@repository_option
def who(rule_id: str, today: str, start: Path) -> int:
    """Show what a rule finds in each card or share, passes and those that it does not apply to included.

    \b
    Example:
      cardops policy who EVAL-001
    """
    root = find_root(start)
    policies = load_policies(Folder(root))
    print_findings(policies.findings)
    if rule_id not in policies.rules:
        raise UsageError(f"There is no rule {rule_id!r}.", closest_match(rule_id, policies.rules))
    found = concerned(policies.rules[rule_id], policies, root, today)
    for one in found:
        outcome = click.style(f"{one.outcome:<5}", fg=COLOURS[one.outcome])
        words = f"  {one.message}" if one.message else ""
        click.echo(f"{outcome}  {escape_invisible(f'{one.path}  {one.name}{words}')}")
    counts = {kind: sum(one.outcome == kind for one in found) for kind in COLOURS}
    click.echo(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return ExitCode.DONE


def _skeleton(rule_id: str, field: str) -> str:
    value = json.dumps("a text that says something")
    given = value
    for step in reversed(field.split(".")):
        given = f"{{{json.dumps(step)}: {given}}}"
    return f"""\
  - id: {rule_id}
    title: A card says something about {field.rpartition(".")[2]}
    why: Say here why the rule exists.
    on: card
    level: audit
    field: {field}
    not: empty
    hint: say here what to do about it
    tests:
      pass:
        - {{card: {given}}}
      fail:
        - {{card: {given.replace(value, '"n/a"')}}}
        - {{name: nothing at all, card: {{}}}}
"""
