"""Verify, without writing anything, that principals who may read a card cannot write it.

Role and service control policy are asked of `iam:SimulatePrincipalPolicy` in the consumer's account: one simulation
for a principal and an owner, however many cards. Reading has to be allowed in the same answer, since a simulator that
refuses everything proves nothing. A key is judged by its policy and its grants.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from cardops.desired.key_writers import may_encrypt
from cardops.desired.read_only import account_behind, consumers, is_trusted, keepers
from cardops.model.desired import REPOSITORY, Account, AccountRegion, CardKey, Config, Means
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.ports import Cloud, Simulation
from cardops.model.read_only import CheckResult, MeansCheck, PrincipalCard, ReadOnlyChecks

READ = "sagemaker:DescribeModelCard"
WRITE = "sagemaker:UpdateModelCard"
CONCURRENCY = 8
ALLOWED = "allowed"
NO_KEY_FACT = "it keeps the content from being written; whether it also keeps the status is not known"

Checks = dict[str, MeansCheck]
"""The check of one means by the card's ARN."""


@dataclass(slots=True)
class ReadOnlyVerifier:
    """Verify means, and remember each answer for the run."""

    cloud: Cloud
    config: Config
    log: Callable[[str], None] = lambda _: None
    _answers: dict[tuple[str, str, Means], Checks] = field(default_factory=dict)
    _role_ids: dict[str, str] = field(default_factory=dict)

    def verify(
        self,
        wanted: Mapping[str, Iterable[CardKey]],
        keys: Mapping[CardKey, str],
    ) -> ReadOnlyChecks:
        """Return the checks of principals (RAM's) and their cards; `keys` are the ARNs of encrypted cards' keys."""
        asked = [(who, frozenset(cards)) for who, cards in sorted(wanted.items()) if keepers(who, self.config)]
        if asked:
            self.log(f"verifying that {len(asked)} principal(s) can only read")
        found: dict[PrincipalCard, tuple[MeansCheck, ...]] = {}
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            results = pool.map(lambda one: self._principal(one[0], one[1], keys), asked)
            for (who, cards), checks in zip(asked, results, strict=True):
                for key in cards:
                    found[PrincipalCard(who, key.arn)] = tuple(one[key.arn] for one in checks if key.arn in one)
        trusted = frozenset(who for who, _ in asked if is_trusted(who, self.config))
        return ReadOnlyChecks(found, dict(self._role_ids), trusted)

    def kept_from(self, principal: str, cards: Collection[str], keys: Mapping[CardKey, str]) -> set[str]:
        """Return those of some cards (ARNs) that a verified or trusted means keeps a principal from writing."""
        wanted = {CardKey.from_arn(arn) for arn in cards}
        checks = self.verify({principal: wanted}, keys)
        return {arn for arn in cards if checks.is_kept(principal, arn)}

    def _principal(self, who: str, cards: frozenset[CardKey], keys: Mapping[CardKey, str]) -> list[Checks]:
        found: list[Checks] = []
        for means in keepers(who, self.config):
            merged: Checks = {}
            for owner in sorted({key.account for key in cards}):
                here = sorted(key for key in cards if key.account == owner)
                known = self._answers.setdefault((who, owner, means), {})
                if missing := [key for key in here if key.arn not in known]:
                    known |= self._ask(means, who, owner, missing, keys)
                merged |= {key.arn: known[key.arn] for key in here if key.arn in known}
            found.append(merged)
        return found

    def _ask(
        self, means: Means, who: str, owner: str, cards: list[CardKey], keys: Mapping[CardKey, str]
    ) -> Mapping[str, MeansCheck]:
        match means:
            case Means.ROLE:
                return self._role(who, owner, cards)
            case Means.SCP:
                return self._organization(who, owner, cards)
            case Means.KEY:
                return {key.arn: self._key(who, key, keys.get(key, "")) for key in cards}
        return {}

    def _role(self, who: str, owner: str, cards: list[CardKey]) -> Checks:
        account = account_behind(who, self.config)
        if account is None:
            return _all(cards, Means.ROLE, CheckResult.UNKNOWN, "its account is not declared")
        port_place = AccountRegion(account.id, self.config.region)
        try:
            port = self.cloud.identities(port_place)
            if ":role/" in who:
                self._role_ids[who] = port.role_id(who.partition(":role/")[2])
            decisions = port.simulate(self._question(who, owner, cards))
        except NotFoundError:
            return _all(cards, Means.ROLE, CheckResult.UNKNOWN, f"{who} does not exist")
        except CloudError as problem:
            return _all(cards, Means.ROLE, CheckResult.UNKNOWN, str(problem))
        return _judged(Means.ROLE, cards, decisions, "its own policies let it write")

    def _organization(self, who: str, owner: str, cards: list[CardKey]) -> Checks:
        """Ask in every account that the principal may be in, through a role that cardops may assume there."""
        account = account_behind(who, self.config)
        merged: Checks = {}
        for one in [account] if account else consumers(self.config):
            for arn, check in self._denied_in(one, owner, cards).items():
                if arn not in merged or merged[arn].result is CheckResult.HOLDS:
                    merged[arn] = check
        return merged

    def _denied_in(self, account: Account, owner: str, cards: list[CardKey]) -> Checks:
        name = account.role or account.plan_role
        if not name:
            why = f"{account.alias} has no role to ask with; set accounts.{account.alias}.role"
            return _all(cards, Means.SCP, CheckResult.UNKNOWN, why)
        found: Checks = {}
        for source in (account.role_arn(name), *map(account.role_arn, account.contributors)):
            question = self._question(source, owner, cards, account.role_arn(name))
            try:
                decisions = self.cloud.identities(AccountRegion(account.id, self.config.region)).simulate(question)
            except CloudError as problem:
                return _all(cards, Means.SCP, CheckResult.UNKNOWN, str(problem))
            why = f"the organization's policies let {source.rpartition('/')[2]} of {account.alias} write"
            for arn, check in _judged(Means.SCP, cards, decisions, why).items():
                if arn not in found or found[arn].result is CheckResult.HOLDS:
                    found[arn] = check
        return found

    def _question(self, who: str, owner: str, cards: list[CardKey], source: str = "") -> Simulation:
        context = {
            "aws:PrincipalArn": who,
            "aws:ResourceAccount": owner,
            f"aws:ResourceTag/{REPOSITORY}": self.config.repository,
        }
        return Simulation(source or who, (READ, WRITE), tuple(key.arn for key in cards), context, bool(source))

    def _key(self, who: str, card: CardKey, arn: str) -> MeansCheck:
        if not arn:
            return MeansCheck(Means.KEY, CheckResult.UNKNOWN, f"{card.name} has no key of its own, or it was not read")
        try:
            port = self.cloud.keys(card.place)
            problem = may_encrypt(port.policy(arn), port.grants(arn), who)
        except CloudError as error:
            return MeansCheck(Means.KEY, CheckResult.UNKNOWN, str(error))
        if problem:
            return MeansCheck(Means.KEY, CheckResult.FAILS, problem)
        if self.config.facts.status_write_needs_key:
            return MeansCheck(Means.KEY, CheckResult.HOLDS)
        return MeansCheck(Means.KEY, CheckResult.UNKNOWN, NO_KEY_FACT)


def _judged(means: Means, cards: list[CardKey], decisions: Mapping[tuple[str, str], str], why: str) -> Checks:
    found: Checks = {}
    for key in cards:
        read, write = decisions.get((READ, key.arn)), decisions.get((WRITE, key.arn))
        if read is None or write is None:
            found[key.arn] = MeansCheck(means, CheckResult.UNKNOWN, f"IAM gave no answer about {key.name}")
        elif write == ALLOWED:
            found[key.arn] = MeansCheck(means, CheckResult.FAILS, why)
        elif read != ALLOWED:
            proves_nothing = f"{key.name} could not be read either, so that it cannot be written proves nothing"
            found[key.arn] = MeansCheck(means, CheckResult.UNKNOWN, proves_nothing)
        else:
            found[key.arn] = MeansCheck(means, CheckResult.HOLDS)
    return found


def _all(cards: Iterable[CardKey], means: Means, result: CheckResult, why: str) -> Checks:
    return {key.arn: MeansCheck(means, result, why) for key in cards}
