"""Call the handler for each kind of step."""

from cardops.apply import card_content, cards, model_packages, shares
from cardops.apply.polling import Poller
from cardops.model.ports import Cloud
from cardops.plan.actions import AcceptInvitation
from cardops.plan.steps import (
    AdoptCard,
    CardAction,
    CreateCard,
    DeleteCard,
    Plan,
    SetApproval,
    SetStatus,
    SetTags,
    Step,
    WriteContent,
)


def dispatch(step: Step, cloud: Cloud, plan: Plan, made: shares.CreatedShare, patience: Poller) -> str:
    """Run one step and say in a few words what it did, without content. Raises CardopsError."""
    repository = plan.repository
    if isinstance(step.action, SetApproval):
        return model_packages.run(cloud, step, step.action, repository, plan.commit)
    if isinstance(step.action, AcceptInvitation):
        share, unique = step.action.share or made.shares[step.key], shares.client_token(repository, step)
        return shares.accept_invitation(cloud.invitations(step.place), step, share, unique, patience)
    if not isinstance(step.action, CardAction):
        return shares.run(cloud.sharing(step.place), step, repository, made, patience)
    port = cloud.cards(step.place)
    (key,) = step.cards
    match step.action:
        case AdoptCard():
            return cards.adopt(port, key, step.action)
        case CreateCard():
            return cards.create(port, key, step.action)
        case WriteContent():
            return card_content.write_content(port, key, step.action, plan.commit)
        case SetStatus():
            return cards.set_status(port, key, step.action, plan.commit)
        case SetTags():
            return cards.set_tags(port, key, step.action)
        case DeleteCard():
            return cards.delete(port, key, step.action)
