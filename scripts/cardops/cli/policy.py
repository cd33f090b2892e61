"""`cardops policy`: the rules themselves. Nothing here reads or writes AWS."""

from pathlib import Path

import click

from cardops.cli.console import log, print_findings
from cardops.cli.options import FilePath, Group, format_option, repository_option, today_option
from cardops.cli.policy_authoring import new, who
from cardops.cli.policy_coverage import coverage
from cardops.cli.policy_report import report
from cardops.cli.policy_vendor import vendor
from cardops.commands.policy_replay import replay as replay_rule
from cardops.commands.workspace import find_root
from cardops.git.repository import Repository
from cardops.model.catalogue import built_in_rules
from cardops.model.errors import ExitCode, UsageError
from cardops.model.findings import Level, exit_code_for, plural, sort_findings
from cardops.policy.enforcement import NOTHING, Enforced
from cardops.policy.files import Folder
from cardops.policy.forms import closest_match
from cardops.policy.loader import PolicySet, load_policies
from cardops.policy.mutation import survivors
from cardops.policy.rule_tests import run_tests
from cardops.policy.rules import LEVELS, Rule
from cardops.render.policy import (
    PACK_FORMATS,
    RULE_FORMATS,
    built_in_explanation,
    clause_explanation,
    clauses_named,
    explanation,
    tested_as_text,
)
from cardops.render.replay import REPLAY_FORMATS
from cardops.strict_yaml.errors import YamlError
from cardops.strict_yaml.reader import load


@click.group(cls=Group)
def command() -> None:
    """Test, list, explain and replay the rules of policies/. Uses no AWS.

    \b
    Examples:
      cardops policy test
      cardops policy explain EVAL-001
    """


command.add_command(coverage)
command.add_command(new)
command.add_command(who)
command.add_command(vendor)
command.add_command(report)


@command.command()
@click.argument("paths", nargs=-1, type=FilePath())
@click.option("--mutate", is_flag=True, help="Also change the rules part by part; some test has to notice each change.")
@repository_option
def test(paths: tuple[Path, ...], mutate: bool, start: Path) -> int:
    """Run the tests that rules bring along; of the files in PATHS, or all. Exits 1 when anything is red.

    \b
    Examples:
      cardops policy test
      cardops policy test policies/evaluation.yaml --mutate
    """
    root = find_root(start)
    policies = load_policies(Folder(root))
    wanted = [_relative(path, root) for path in paths]
    rules = [rule for rule in policies.rules.values() if _is_within(rule.file.path, wanted)]
    tested = run_tests(rules, policies.vocabulary)
    loaded = [one for one in policies.findings if _is_within(one.location.path, wanted)]
    made, unnoticed = survivors(rules, policies.vocabulary) if mutate and not tested.findings else (0, [])
    findings = sort_findings([*loaded, *tested.findings, *unnoticed])
    click.echo(tested_as_text(tested, findings))
    if made:
        click.echo(f"{plural(made, 'mutant')}: {len(unnoticed)} noticed by no test")
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
    """Explain a rule, with an example that passes; or a clause of a regulation, with the rules that serve it.

    \b
    Examples:
      cardops policy explain EVAL-001
      cardops policy explain "EU-AI-Act Art.14"
    """
    policies = _load(start)
    if (built_in := built_in_rules().get(rule_id)) is not None:
        click.echo(built_in_explanation(built_in))
        return ExitCode.DONE
    if clauses := clauses_named(policies, rule_id):
        click.echo("\n\n".join(clause_explanation(policies, *one) for one in clauses))
        return ExitCode.DONE
    click.echo(explanation(policies, _rule(policies, rule_id)))
    return ExitCode.DONE


@command.command()
@click.option("--rule", "rule_id", required=True, metavar="ID", help="The rule.")
@click.option("--since", default="", metavar="REV", help="Only merges after this revision. Default: all.")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="With this parameter. Repeatable.")
@click.option("--level", type=click.Choice(LEVELS), help="With this level for everybody.")
@format_option(("text", "json"))
@today_option
@repository_option
def replay(
    rule_id: str, since: str, params: tuple[str, ...], level: Level | None, form: str, today: str, start: Path
) -> int:
    """Show whom a rule hits today, and would have hit at every merge: a look before its level is raised.

    \b
    Examples:
      cardops policy replay --rule EVAL-001
      cardops policy replay --rule EVAL-007 --param least=0.75 --level deny
    """
    policies = _load(start)
    rule = _rule(policies, rule_id)
    policies = _what_if(policies, rule, params, level)
    revisions = Repository(find_root(start))
    if revisions.is_shallow():
        log("this clone is shallow: older merges are not looked at; `git fetch --unshallow` brings them")
    click.echo(REPLAY_FORMATS[form](rule, replay_rule(rule, policies, revisions, since, today, log)))
    return ExitCode.DONE


def _what_if(policies: PolicySet, rule: Rule, params: tuple[str, ...], level: Level | None) -> PolicySet:
    """Return the policies with other parameters of one rule, and another level for everybody."""
    entry = policies.enforcement.get(rule.id, NOTHING)
    given = dict(entry.params)
    for one in params:
        name, equals, text = one.partition("=")
        if not equals or name not in rule.params:
            raise UsageError(f"{rule.id} has no parameter {name!r}.", closest_match(name, rule.params))
        try:
            given[name] = load(text).value
        except YamlError as refused:
            raise UsageError(f"The value of {name} cannot be read: {refused.message}.", refused.hint) from None
    entry = Enforced(level, given) if level else entry._replace(params=given)
    return policies._replace(enforcement={**policies.enforcement, rule.id: entry})


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
