"""`cardops history`: a card's versions, the commits behind them, and who signed them off."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.cli.options import find_root, format_option, load_work_tree, repository_option
from cardops.commands.ledger import find_card, ledger_option, recorded
from cardops.model.errors import CloudError, ExitCode
from cardops.render import history as histories
from cardops.render.escape import escape_invisible

if TYPE_CHECKING:
    from cardops.audit.history import AppliedVersion, DeclaredVersion
    from cardops.desired.history import DeclarationHistory
    from cardops.model.desired import Card, Config
    from cardops.model.observed import CardVersion
    from cardops.model.ports import Cards


@click.command()
@click.argument("name", metavar="CARD")
@repository_option
@ledger_option
@format_option(histories.FORMATS)
def command(name: str, start: Path, ledger: str, form: str) -> int:
    """Show every version of CARD with the commit that declared it and who signed it off. Only reads AWS.

    Sign-offs come from the records on the ledger, from signed trailers, and from the live card's tags.

    \b
    Examples:
      cardops history customer-churn-v1
      cardops history ml-dev/churn --format json
    """
    from cardops.audit.history import join
    from cardops.aws.cloud import Boto3Cloud
    from cardops.desired.history import DeclarationHistory
    from cardops.git.repository import Repository

    root = find_root(start)
    desired = load_work_tree(root).desired
    if desired is None:
        click.echo("cardops.yaml cannot be used; see `cardops validate`", err=True)
        return ExitCode.DENIED
    card = find_card(name, desired)
    records = recorded(root, ledger, desired.config.repository)
    declared = list(_declared(card, desired.config, DeclarationHistory(Repository(root)), records))
    code, versions, tags = ExitCode.DONE, [], {}
    try:
        port = Boto3Cloud(desired.config, "plan_role").cards(card.key.place)
        versions, tags = _versions(port, card), port.tags(card.key.arn)
    except CloudError as problem:
        click.echo(f"{click.style('unknown', fg='red')}: {card.key.place}: {escape_invisible(str(problem))}", err=True)
        code = ExitCode.INCOMPLETE
    entries = join(versions, _with_tags(declared, tags), _applied(card, records))
    click.echo(histories.FORMATS[form](card.key, entries))
    return code


def _versions(port: "Cards", card: "Card") -> "list[tuple[CardVersion, bytes]]":
    """Every version with its content, oldest first."""
    found = port.versions(card.key.name)
    return [(one, port.describe(card.key.name, one.version).content or b"{}") for one in found]


def _declared(
    card: "Card", config: "Config", declarations: "DeclarationHistory", records: "list[dict[str, object]]"
) -> "Iterator[DeclaredVersion]":
    """The commits that changed the card's file, oldest first."""
    from cardops.audit.history import DeclaredVersion

    revisions = declarations.revisions
    passages = list(reversed(list(declarations.passages(card, revisions.head()))))
    heads = revisions.headers([passage.commit for passage in passages])
    for passage in passages:
        there = declarations.card(passage.commit, card.key, card.location.path)
        if there is None:
            continue
        before = declarations.config(passage.parent) or config
        trailers = revisions.trailers([passage.commit], before.signing_keys)
        signed = _signed(there, records) or tuple(one.name for one in trailers if not one.refusal)
        head = heads[passage.commit]
        yield DeclaredVersion(passage.commit, head.when, head.author, head.subject, there.status, there.content, signed)


def _signed(card: "Card", records: "list[dict[str, object]]") -> tuple[str, ...]:
    """Who signed just this state off, as a run recorded it."""
    wanted = {"account": card.key.account, "region": card.key.region, "card": card.key.name}
    wanted |= {"status": card.status.value, "digest": card.digest}
    for record in records:
        for one in _entries(record, "signoffs"):
            if wanted.items() <= {key: value for key, value in one.items() if key in wanted}.items():
                names = one["approved_by"]
                return tuple(map(str, names)) if isinstance(names, list) else ()
    return ()


def _applied(card: "Card", records: "list[dict[str, object]]") -> "Mapping[int, AppliedVersion]":
    """Versions that a run wrote, with the commit that it applied."""
    from cardops.audit.history import AppliedVersion

    found = {}
    for record in records:
        for one in _entries(record, "cards"):
            if (one["account"], one["region"], one["card"]) != tuple(card.key):
                continue
            after, before = one["after"], one["before"]
            if isinstance(after, dict) and (not isinstance(before, dict) or before["version"] < after["version"]):
                found[int(after["version"])] = AppliedVersion(str(one["commit"]))
    return found


def _with_tags(declared: "list[DeclaredVersion]", tags: Mapping[str, str]) -> "list[DeclaredVersion]":
    """The live card's own tags say who signed off the commit that they name, where nothing else does."""
    from dataclasses import replace

    from cardops.model.desired import APPROVED_BY, COMMIT

    by = tuple(filter(None, [tags.get(APPROVED_BY, "")]))
    return [
        replace(one, signed_off=by) if by and one.commit == tags.get(COMMIT) and not one.signed_off else one
        for one in declared
    ]


def _entries(record: "dict[str, object]", name: str) -> "list[dict[str, object]]":
    found = record.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
