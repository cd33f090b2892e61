"""Say in a comment who gains or loses access to which cards, with nothing left out that widens access."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cardops.desired.read_only import limits
from cardops.model.desired import CardKey, Config, Means
from cardops.model.findings import plural
from cardops.plan.steps import Step
from cardops.render.listing import listing, some
from cardops.render.markdown import Part, code, prose
from cardops.render.plan_report import PlanReport
from cardops.render.step_phrases import can_phrase, describe_step, listed, net_access, principal

PERMISSION_KINDS = ("permission", "permission-version", "create-permission")

NAMES = 20
"""Names of existing cards in one line. Longer lists continue in the next line."""


class Sentence(NamedTuple):
    """An effect on a principal's access, shared by one or more cards."""

    who: str
    verb: str
    what: str
    new: bool
    """True for cards that this plan creates: their names may be counted instead of listed."""

    @property
    def widens(self) -> bool:
        """Return True if the principal gains access."""
        return self.verb == "will be able to"


def access_parts(report: PlanReport) -> Iterator[Part]:
    """Render who gains access, which is required, then who loses it and which permissions change."""
    sentences = effects(report)
    widening = [line for one, cards in sentences.items() if one.widens for line in _lines(one, cards, report.config)]
    rest = [line for one, cards in sentences.items() if not one.widens for line in _lines(one, cards, report.config)]
    yield Part("**Access that begins**\n", tuple(widening), "lines about new access", 0, required=True)
    yield Part("", tuple(_permissions(report.steps)), "changed permissions", 0, required=True)
    yield listing("**Access that ends**", rest, 4)


def effects(report: PlanReport) -> Mapping[Sentence, list[CardKey]]:
    """Group the effects on access: principals outside cardops.yaml first, then those on existing cards."""
    created = {key for step in report.steps if step.kind == "create" for key in step.cards}
    found: dict[Sentence, list[CardKey]] = {}
    for (who, card), net in net_access(report.steps, report.config).items():
        for verb, what in can_phrase(net):
            found.setdefault(Sentence(who, verb, listed(what), card in created), []).append(card)
    order = sorted(found, key=lambda one: (bool(principal(one.who, report.config)[1]), one.new, one.who, one.what))
    return {one: sorted(found[one]) for one in order}


def _lines(one: Sentence, cards: list[CardKey], config: Config) -> Iterator[str]:
    name, account = principal(one.who, config)
    who = f"{code(name)} ({code(account)})" if account else f"{code(name)} (not an account of `cardops.yaml`)"
    names, kept = [key.name for key in cards], _kept_by(one, config)
    if one.new and len(names) > NAMES:
        yield f"- {who} {one.verb} {one.what} {plural(len(names), 'new card')}: {some(names, 'card')}{kept}"
        return
    for batch in (names[start : start + NAMES] for start in range(0, len(names), NAMES)):
        count = f" {plural(len(batch), 'card')}:" if len(batch) > 1 else ""
        yield f"- {who} {one.verb} {one.what}{count} {', '.join(map(code, batch))}{kept}"


def _kept_by(one: Sentence, config: Config) -> str:
    """Name the means that keep new read access read-only where RAM's permission would let the account write."""
    account = config.accounts.get(one.who)
    means = [means for means in account.read_only if means is not Means.PERMISSION] if account else []
    if not account or not means or one.what != "read" or not one.widens:
        return ""
    return f"; {limits(account.id, means, config)}"


def _permissions(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        if step.kind in PERMISSION_KINDS:
            yield f"- The actions of {code(step.resource)} change: {describe_step(step)} ({prose(step.reason)})"
