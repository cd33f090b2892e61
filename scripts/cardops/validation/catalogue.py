"""Every rule that is built in, by its id: those about declared files, and those about changes and sign-offs."""

from cardops.desired.checks.catalogue import RULES as DECLARED

RULES = {
    **DECLARED,
    "count/mismatch": "Every card and share that is declared is considered.",
    "account/id-changed": "An account's name stands for one id, for ever.",
    "signoff/missing": "What becomes Approved, or changes while it is, is signed off by somebody else.",
    "signoff/unknown": "git can tell who signed a card off.",
    "signoff/governance": "Rules, waivers, approvers and accounts change with a sign-off of their own.",
    "policy/reused-id": "A rule's id never stood for another rule.",
}
