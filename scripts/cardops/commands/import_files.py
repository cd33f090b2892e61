"""`cardops import --from FILE`: a card in Draft for each that the file describes."""

from dataclasses import dataclass, field
from pathlib import Path

from cardops.commands.workspace import find_root, write_atomically
from cardops.desired.loader import load_repository
from cardops.desired.problems import quote
from cardops.desired.sources import WorkTree
from cardops.importers.detect import convert_file
from cardops.importers.drafts import NAME, CardDraft, declare_draft
from cardops.importers.schema_fit import too_long
from cardops.importers.unmapped import Inexpressible
from cardops.importers.yaml_writer import write
from cardops.model.errors import ExitCode, UsageError
from cardops.model.findings import Finding, Location, exit_code_for
from cardops.strict_yaml.errors import YamlError


@dataclass(slots=True)
class ImportReport:
    """The results of an import.

    `written` are paths from the repository's root; `left` names each omitted value with the reason.
    """

    written: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def import_file(folder: Path, file: Path, name: str | None, owner: str) -> tuple[ExitCode, ImportReport]:
    """1 for a file that describes no card, or gives one that does not validate. Raises UsageError."""
    root = find_root(folder)
    if name is not None and not NAME(name):
        raise UsageError(f"{name!r} is not a valid name", "letters, digits and inner dashes, at most 63 characters")
    drafts = _read(file, root)
    if isinstance(drafts, Finding):
        return ExitCode.DENIED, ImportReport(findings=[drafts])
    if name is not None and len(drafts) > 1:
        raise UsageError(f"{file} describes {len(drafts)} cards, and --name names one", "leave --name out")
    names = [name or draft.called for draft in drafts]
    if not all(names):
        raise UsageError(f"{file} does not name its card", "pass --name")
    imported = ImportReport()
    for draft, called in zip(drafts, names, strict=True):
        _import(root, file, draft, called, owner, imported)
    code = check(root, imported)
    return (code if imported.written else ExitCode.DENIED), imported


def put(root: Path, path: str, text: str, imported: ImportReport) -> bool:
    """Writes a file that is not there yet; one that is stays, and is named. Says whether it was written."""
    target = root / path
    if target.exists():
        imported.findings.append(_exists(Location(path)))
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, text)
    imported.written.append(path)
    return True


def check(root: Path, imported: ImportReport) -> ExitCode:
    """Validates the repository and adds the findings in files that were written."""
    written = set(imported.written)
    imported.findings += [one for one in load_repository(WorkTree(root)).findings if one.location.path in written]
    return exit_code_for(imported.findings)


def _read(file: Path, root: Path) -> list[CardDraft] | Finding:
    desired = load_repository(WorkTree(root)).desired
    try:
        return convert_file(file.read_bytes(), file.name, desired.config if desired else None)
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}") from problem
    except YamlError as refused:
        return Finding(refused.rule, Location(str(file), refused.line, refused.column), refused.message, refused.hint)


def _import(root: Path, file: Path, draft: CardDraft, name: str, owner: str, imported: ImportReport) -> None:
    value, left = declare_draft(draft, name, owner)
    imported.left += [(quote(one.path), one.why) for one in left]
    problems = too_long(value["content"])
    imported.findings += [Finding(one.rule, Location(str(file)), one.message, one.hint) for one in problems]
    if taken := _declaration(root, name):
        imported.findings.append(_exists(taken))
    if problems or taken:
        return
    try:
        put(root, f"cards/{name}.yaml", write(value, "card"), imported)
    except Inexpressible as problem:
        imported.left.append((f"card {name}", str(problem)))


def _declaration(root: Path, name: str) -> Location | None:
    """Return the location of the file that declares a card of this name in the home account."""
    desired = load_repository(WorkTree(root)).desired
    if desired is None:
        return None
    home = desired.config.accounts[desired.config.home].id
    return next((card.location for key, card in desired.cards.items() if (key.account, key.name) == (home, name)), None)


def _exists(at: Location) -> Finding:
    hint = "rename it, or with --from pass another --name"
    return Finding("import/exists", at, "this file exists, and an import overwrites none", hint)
