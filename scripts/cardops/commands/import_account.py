"""Import an account's cards and shares as files, marked for adoption."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from cardops.commands.import_files import ImportReport, check, put
from cardops.commands.scaffold import Scaffold, name_repository, require_account_id, scaffold
from cardops.commands.workspace import find_account, find_root, load_workspace
from cardops.desired.parser import DEFAULT_ACCESS
from cardops.desired.problems import quote
from cardops.desired.sources import CONFIG
from cardops.importers.account import alias_of, concerns_cards, declare_card, declare_share, principals
from cardops.importers.unmapped import Inexpressible
from cardops.importers.yaml_writer import write
from cardops.model.desired import Account, AccountRegion, CardKey, Config, Desired, Status
from cardops.model.errors import ExitCode, UsageError, worst_exit_code
from cardops.model.observed import ObservedCard, ObservedShare
from cardops.model.ports import Cloud
from cardops.observed.reader import inventory

STUB_NAME = "ml-governance"
DECLARED = "a file declares it already"


def import_account(
    folder: Path,
    account: str | None,
    home: str | None,
    region: str | None,
    owner: str,
    connect: Callable[[Config, bool], Cloud],
    log: Callable[[str], None],
) -> tuple[ExitCode, ImportReport]:
    """Write files for the cards and shares of one account and region.

    `connect` takes a configuration, and whether to read with its plan role or with ambient credentials. The code is
    INCOMPLETE when something could not be read, DENIED for findings in what was written. Raises CardopsError.
    """
    folder = folder if home else _find(folder)
    known = _declared(folder, home)
    config = known.config if known else _stub(folder, home, region)
    place = AccountRegion(find_account(account or config.home, config).id, region or config.region)
    cloud = connect(config, known is not None)
    log(f"reading {place.account}/{place.region}")
    cards, unread = inventory(cloud.cards(place), place)
    shares = cloud.sharing(place).shares()
    desired = known or Desired(_begin(folder, config, shares), {}, ())
    imported = ImportReport(left=[(f"card {name}", why) for name, why in unread.items()])
    _shares(folder, shares, _cards(folder, cards, desired, owner, imported), desired, imported)
    incomplete = ExitCode.INCOMPLETE if unread else ExitCode.DONE
    return worst_exit_code([incomplete, check(folder, imported)]), imported


def _find(folder: Path) -> Path:
    try:
        return find_root(folder)
    except UsageError as problem:
        raise UsageError(problem.message, "pass --home and --region, or name the repository with --into") from None


def _declared(folder: Path, home: str | None) -> Desired | None:
    if not (folder / CONFIG).is_file():
        return None
    if home:
        raise UsageError(f"{folder} has a {CONFIG}", "leave out --home, and use --account")
    return load_workspace(folder).desired


def _stub(folder: Path, home: str | None, region: str | None) -> Config:
    """A configuration with the home account alone, read with the ambient credentials."""
    if not home or not region:
        raise UsageError("--home and --region go together", "pass both")
    require_account_id(home)
    accounts = {"shared-services": Account("shared-services", home)}
    return Config(name_repository(STUB_NAME), region, "shared-services", accounts, dict(DEFAULT_ACCESS))


def _begin(folder: Path, config: Config, shares: Iterable[ObservedShare]) -> Config:
    """Write a first cardops.yaml, with every account that something is shared with, and read it back."""
    ids = {who for share in shares if concerns_cards(share) for who in principals(share) if who.isdecimal()}
    home = config.accounts[config.home].id
    others = {f"account-{account}": account for account in sorted(ids - {home})}
    scaffold(folder, Scaffold(config.repository, config.region, home, others))
    return load_workspace(folder).config


def _cards(
    folder: Path, cards: Iterable[ObservedCard], desired: Desired, owner: str, imported: ImportReport
) -> dict[CardKey, Status]:
    """Writes cards; returns the statuses of all that files declare now."""
    statuses = {key: card.status for key, card in desired.cards.items()}
    for live in cards:
        what = f"card {live.key.name}"
        if live.key in desired.cards:
            imported.left.append((what, DECLARED))
            continue
        away = _folder_of(live.key.place, desired.config)
        try:
            value, left = declare_card(live, desired.config, owner)
            text = write(value, "card", "../" * (1 + away.count("/")))
        except Inexpressible as problem:
            imported.left.append((what, str(problem)))
            continue
        if put(folder, f"cards/{away}{live.key.name}.yaml", text, imported):
            imported.left += [(f"{what}, {quote(one.path)}", one.why) for one in left]
            statuses[live.key] = live.status
    return statuses


def _shares(
    folder: Path,
    shares: Collection[ObservedShare],
    cards: dict[CardKey, Status],
    desired: Desired,
    imported: ImportReport,
) -> None:
    live_names = Counter(share.name for share in shares)
    taken = {share.name for share in desired.shares} | {path.stem for path in (folder / "shares").glob("*.y*ml")}
    adopted = {grant.adopt for share in desired.shares for grant in share.grants}
    for share in sorted(filter(concerns_cards, shares), key=lambda share: (share.name, share.arn)):
        others = live_names - Counter([share.name])  # a share of that name that stays foreign would be in the way
        try:
            if share.arn in adopted:
                raise Inexpressible(DECLARED)
            value = declare_share(share, cards, desired.config, taken | others.keys())
            put(folder, f"shares/{value['name']}.yaml", write(value, "share"), imported)
            taken.add(value["name"])
        except Inexpressible as problem:
            imported.left.append((f"share {share.name!r}", str(problem)))


def _folder_of(place: AccountRegion, config: Config) -> str:
    """Below cards/: two accounts or regions may have a card of the same name."""
    account = "" if place.account == config.accounts[config.home].id else f"{alias_of(place.account, config)}/"
    return account + ("" if place.region == config.region else f"{place.region}/")
