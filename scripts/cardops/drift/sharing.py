"""Find drift of access: changed shares and permissions of ours, and foreign shares of our cards."""

from collections.abc import Iterator
from dataclasses import replace

from cardops.drift.model import Difference, Kind, of
from cardops.model.findings import Location
from cardops.model.observed import PRESENT_STATES, ObservedShare
from cardops.model.permissions import may_write
from cardops.plan.inputs import PlanInputs
from cardops.plan.sharing.associations import ours
from cardops.plan.steps import Phase, Plan

ACCESS = frozenset({Phase.REVOKE, Phase.NARROW, Phase.WIDEN, Phase.SHARE})


def access(inputs: PlanInputs, head: Plan, before: Plan) -> Iterator[Difference]:
    """Shares and permissions that are not as any of the two commits declares them.

    What expires on its planned day is nobody's doing: apply ends it, and the declaration's own warning names it.
    """
    caused_by_nobody = {(step.key, step.kind, step.digest()) for step in before.steps}
    shares = {share.arn: share for share in inputs.observed.shares}
    files = {grant.name: grant.location for grant in inputs.desired.shares}
    for step in head.steps:
        if (
            step.phase not in ACCESS
            or step.kind == "expire"
            or (step.key, step.kind, step.digest()) not in caused_by_nobody
        ):
            continue
        share = shares.get(step.sees)
        location = files.get(step.resource.split(" ")[0], Location("cardops.yaml"))
        message = f"apply would {step.kind}: {step.reason}"
        when = share.updated if share else ""
        yield Difference(
            Kind.TAMPERED,
            "access",
            step.place,
            step.resource,
            message,
            location,
            tuple(step.changes),
            when,
            arn=step.sees,
        )


def foreign_shares(inputs: PlanInputs) -> Iterator[Difference]:
    """Declared cards in shares that this repository does not manage."""
    declared = {key.arn: card for key, card in inputs.desired.cards.items()}
    for share in inputs.observed.shares:
        held = [declared[arn] for arn, state in share.resources.items() if state in PRESENT_STATES and arn in declared]
        if not held or ours(share, inputs.desired.config.repository):
            continue
        for card in held:
            yield replace(
                of(card, Kind.TAMPERED, "access", f"the foreign share {share.name!r} lets {_who_may(share)} it"),
                when=share.updated,
                arn=share.arn,
            )


def _who_may(share: ObservedShare) -> str:
    who = ", ".join(sorted(who for who, state in share.principals.items() if state in PRESENT_STATES)) or "nobody yet"
    return f"{who} {'read and write' if may_write(share.actions) else 'read'}"
