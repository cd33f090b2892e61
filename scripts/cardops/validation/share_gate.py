"""Check that new access to an Approved or high-risk card was signed off before it is given."""

from collections.abc import Callable, Iterator, Sequence

from cardops.desired import parser
from cardops.desired.documents import read_file
from cardops.desired.grants import grants
from cardops.desired.history import DeclarationHistory, read_value
from cardops.desired.share_access import HIGH_RISK, access_to, is_sensitive, widened
from cardops.desired.sources import kind_of
from cardops.model.desired import Card, CardKey, Config, Desired, Share, Status
from cardops.model.errors import GitError
from cardops.model.findings import Finding, Level, plural
from cardops.model.observed import Observed
from cardops.plan.sharing.associations import is_live, live_cards
from cardops.plan.sharing.shards import by_grant
from cardops.signoffs.decision import SignoffDecision
from cardops.signoffs.sources import SignoffRequest
from cardops.validation.signoff_check import HINTS, SignoffChecker, config_before

SHARES = "shares"
Reader = Callable[[str], bytes]


class _Shared:
    """The access that the shares of a revision give; the named cards are not loaded."""

    def __init__(self, declarations: DeclarationHistory, commit: str, config: Config) -> None:
        self.config = declarations.config(commit) or config
        tree = declarations.revisions.tree(commit, [SHARES]) if commit else None
        files = [read_file(tree, path, "share") for path in tree.paths() if kind_of(path) == "share"] if tree else []
        self.shares = [parser.share(file.value, file.location) for file in files if file.valid]


class ShareGate:
    """Finds the shares whose new access waits for a sign-off."""

    def __init__(self, desired: Desired, judge: SignoffChecker, tip: str) -> None:
        self._desired = desired
        self._judge = judge
        self._revisions = judge.declarations.revisions
        self._tip = tip
        self._revision: dict[str, _Shared] = {}

    def findings(self, observed: Observed, today: str) -> Iterator[Finding]:
        """A finding for each share that gives access which AWS lacks and which nobody signed off."""
        if self._desired.config.signoff == "none":
            return
        brought: dict[tuple[str, str, str], list[Card]] = {}
        for share, key in _pending(self._desired, observed, today):
            card = self._desired.cards[key]
            try:
                brought.setdefault((share.name, *self._introduction(share, card)), []).append(card)
            except GitError as problem:
                message = f"{share.name}: nobody can tell whether its access is signed off: {problem.message}"
                yield Finding("signoff/unknown", share.location, message, problem.hint, share=share.name)
                return
        by_name = {share.name: share for share in self._desired.shares}
        for (name, commit, path), cards in brought.items():
            if sensitive := self._sensitive_then(commit, cards):
                yield from self._judged(by_name[name], commit, path, sensitive)

    def _introduction(self, share: Share, card: Card) -> tuple[str, str]:
        """The commit that gave a card the access which it has by a share, and the share's file there."""
        now = access_to(card.key, [share], self._desired.config)
        wanted = {one: until for one, until in now.items() if one.status is card.status}
        path, at = share.location.path, self._tip
        while at:
            for commit in self._revisions.changes_of(path, at):
                parent = self._revisions.first_parent(commit)
                before = self._at(parent)
                if not parent or widened(access_to(card.key, before.shares, before.config), wanted):
                    return commit, path
                giving = (one for one in before.shares if access_to(card.key, [one], before.config))
                source = next(giving, share)
                if source.location.path != path:
                    path, at = source.location.path, parent
                    break
            else:
                break
        return "", path

    def _at(self, commit: str) -> _Shared:
        if commit not in self._revision:
            self._revision[commit] = _Shared(self._judge.declarations, commit, self._desired.config)
        return self._revision[commit]

    def _sensitive_then(self, commit: str, cards: Sequence[Card]) -> list[Card]:
        """The cards that were Approved or of high risk when they were given the access; unknown counts as so."""
        if not commit:
            return []
        tree = self._revisions.tree(commit)
        there = set(tree.paths())
        tree.fetch(card.location.path for card in cards if card.location.path in there)
        return [card for card in cards if self._was_sensitive(tree.read, there, commit, card)]

    def _was_sensitive(self, read: Reader, there: set[str], commit: str, card: Card) -> bool:
        path = card.location.path
        if path not in there:
            before = self._judge.declarations.card(commit, card.key, path)
            return before is not None and is_sensitive(before)
        value = read_value(read(path))
        if not isinstance(value, dict):
            return True
        uses = value.get("content", {}).get("intended_uses", {})
        return value.get("status") == Status.APPROVED or uses.get("risk_rating") == HIGH_RISK

    def _judged(self, share: Share, commit: str, path: str, cards: Sequence[Card]) -> Iterator[Finding]:
        declarations, config = self._judge.declarations, self._desired.config
        parent = self._revisions.first_parent(commit)
        base, now = config_before(declarations, parent, config), declarations.config(commit) or config
        request = share_request(declarations, declarations.value(commit, path), path, (commit, parent, self._tip))
        before = self._judge.before(request, base)
        decision = self._judge.judge(request, before, now, config)
        if decision is not None and not decision.enough:
            kind = self._judge.kind([*before, now], config)
            yield unsigned_share(share, cards, decision, kind, self._judge.decides(kind))


def share_request(
    declarations: DeclarationHistory, state: object, path: str, at: tuple[str, str, str]
) -> SignoffRequest:
    """The question whether a merged share's file is signed off; `at`: its commit, the one before, and the tip."""
    return SignoffRequest(state, lambda commit: declarations.value(commit, path), (path,), *at)


def unsigned_share(share: Share, cards: Sequence[Card], decision: SignoffDecision, kind: str, decided: bool) -> Finding:
    """The finding for new access without enough sign-offs; only a warning while nobody could have given one."""
    level: Level = "deny" if decided else "warn"
    names = sorted({card.key.name for card in cards})
    more = f" and {plural(len(names) - 1, 'other card')}" if len(names) > 1 else ""
    message = f"{share.name} gives new access to {names[0]}{more}, Approved or of high risk, and {decision.lack()}"
    return Finding("signoff/missing", share.location, message, HINTS[kind], level, share=share.name)


def _pending(desired: Desired, observed: Observed, today: str) -> Iterator[tuple[Share, CardKey]]:
    """Each sensitive card with a share whose access to it is declared and not live."""
    sensitive = {key for key, card in desired.cards.items() if is_sensitive(card)}
    if not sensitive:
        return
    places = {key.place for key in sensitive} - observed.unknown.keys()
    live = by_grant(observed.shares, desired.config.repository)
    for grant in grants(desired, places, today):
        shared = {
            arn
            for one in live.get((grant.place, grant.id), ())
            if is_live(one.principals.get(grant.principal))
            for arn in live_cards(one)
        }
        yield from (
            (grant.share, key) for arn, key in grant.resources.items() if key in sensitive and arn not in shared
        )
