"""`cardops policy`: the rules themselves. Nothing here reads or writes AWS."""

from pathlib import Path

import click

from cardops.cli.console import log, print_findings
from cardops.cli.options import FilePath, Group, format_option, repository_option, today_option
from cardops.cli.policy_coverage import coverage
from cardops.commands.policy_replay import replay as replay_rule
from cardops.commands.workspace import find_root
from cardops.git.repository import Repository
from cardops.model.catalogue import built_in_rules
from cardops.model.errors import ExitCode, UsageError
from cardops.model.findings import exit_code_for, sort_findings
from cardops.policy.files import Folder
from cardops.policy.forms import closest_match
from cardops.policy.loader import PolicySet, load_policies
from cardops.policy.rule_tests import run_tests
from cardops.policy.rules import Rule
from cardops.render.policy import PACK_FORMATS, RULE_FORMATS, built_in_explanation, explanation, tested_as_text
from cardops.render.replay import REPLAY_FORMATS


@click.group(cls=Group)
def command() -> None:
    """Test, list, explain and replay the rules of policies/. Uses no AWS.

    \b
    Examples:
      cardops policy test
      cardops policy explain EVAL-001
    """


command.add_command(coverage)


@command.command()
@click.argument("paths", nargs=-1, type=FilePath())
@repository_option
def test(paths: tuple[Path, ...], start: Path) -> int:
    """Run the tests that rules bring along; of the files in PATHS, or all. Exits 1 when anything is red.

    \b
    Examples:
      cardops policy test
      cardops policy test policies/evaluation.yaml
    """
    root = find_root(start)
    policies = load_policies(Folder(root))
    wanted = [_relative(path, root) for path in paths]
    rules = [rule for rule in policies.rules.values() if _is_within(rule.file.path, wanted)]
    tested = run_tests(rules, policies.vocabulary)
    loaded = [one for one in policies.findings if _is_within(one.location.path, wanted)]
    findings = sort_findings([*loaded, *tested.findings])
    click.echo(tested_as_text(tested, findings))
    return exit_code_for(findings)


@command.command("list")
@click.option("--pack", "pack_id", help="Only this pack: each clause with the rules that serve it.")
@format_option(("text", "json"))
@repository_option
def listed(pack_id: str | None, form: str, start: Path) -> int:
    """List the rules with their level in force, or a pack's coverage.

    \b
    Examples:
      cardops policy list
      cardops policy list --pack eu-ai-act --format json
    """
    policies = _load(start)
    if pack_id is None:
        click.echo(RULE_FORMATS[form](policies))
    elif pack_id in policies.packs:
        click.echo(PACK_FORMATS[form](policies, policies.packs[pack_id]))
    else:
        raise UsageError(f"there is no pack {pack_id!r}", closest_match(pack_id, policies.packs))
    return exit_code_for(policies.findings)


@command.command()
@click.argument("rule_id", metavar="ID")
@repository_option
def explain(rule_id: str, start: Path) -> int:
    """Say what a rule wants and why, who asks for it, its level in force, and an example that passes.

    \b
    Example:
      cardops policy explain EVAL-001
    """
    policies = _load(start)
    if (built_in := built_in_rules().get(rule_id)) is not None:
        click.echo(built_in_explanation(built_in))
        return ExitCode.DONE
    click.echo(explanation(policies, _rule(policies, rule_id)))
    return ExitCode.DONE


@command.command()
@click.option("--rule", "rule_id", required=True, metavar="ID", help="The rule.")
@click.option("--since", default="", metavar="REV", help="Only merges after this revision. Default: all.")
@format_option(("text", "json"))
@today_option
@repository_option
def replay(rule_id: str, since: str, form: str, today: str, start: Path) -> int:
    """Show whom a rule hits today, and would have hit at every merge: a look before its level is raised.

    \b
    Examples:
      cardops policy replay --rule EVAL-001
      cardops policy replay --rule EVAL-001 --since v1.0 --format json
    """
    policies = _load(start)
    rule = _rule(policies, rule_id)
    revisions = Repository(find_root(start))
    if revisions.is_shallow():
        log("this clone is shallow: older merges are not looked at; `git fetch --unshallow` brings them")
    click.echo(REPLAY_FORMATS[form](rule, replay_rule(rule, policies, revisions, since, today, log)))
    return ExitCode.DONE


def _load(start: Path) -> PolicySet:
    """The policies; what is wrong with them is printed on standard error."""
    policies = load_policies(Folder(find_root(start)))
    print_findings(policies.findings)
    return policies


def _rule(policies: PolicySet, rule_id: str) -> Rule:
    if rule_id not in policies.rules:
        raise UsageError(f"there is no rule {rule_id!r}", closest_match(rule_id, policies.rules))
    return policies.rules[rule_id]


def _relative(path: Path, root: Path) -> Path:
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    if not path.resolve().is_relative_to(root):
        raise UsageError(f"{path} is not in {root}", "name its repository with -C")
    return path.resolve().relative_to(root)


def _is_within(path: str, wanted: list[Path]) -> bool:
    return not wanted or any(Path(path).is_relative_to(one) for one in wanted)
