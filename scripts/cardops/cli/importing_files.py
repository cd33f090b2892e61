"""`cardops import --from FILE`: a card in Draft for each that the file describes."""

from pathlib import Path

from cardops.cli.repository import CONFIG, load_work_tree, write_whole
from cardops.errors import ExitCode, UsageError
from cardops.findings import Finding, verdict
from cardops.location import Location
from cardops.render.imports import Imported


def import_file(folder: Path, file: Path, name: str | None, owner: str) -> tuple[ExitCode, Imported]:
    """1 for a file that describes no card, or gives one that does not validate. Raises UsageError."""
    from cardops.convert.drafts import NAME, Draft, declare, make_name
    from cardops.convert.files import convert_file
    from cardops.convert.live import Inexpressible
    from cardops.convert.texts import write
    from cardops.declared.problems import show
    from cardops.text.strict import Refused

    if not (folder / CONFIG).is_file():
        raise UsageError(f"no {CONFIG} in {folder}", "run `cardops init`, or name the repository with --into")
    if name is not None and not NAME(name):
        raise UsageError(f"{name!r} is no name", "letters, digits and inner dashes, at most 63 characters")
    imported = Imported()
    try:
        drafts: list[Draft] = convert_file(file.read_bytes())
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}") from problem
    except Refused as refused:
        at = Location(str(file), refused.line, refused.column)
        imported.findings.append(Finding(refused.rule, at, refused.message, refused.hint))
        return ExitCode.DENIED, imported
    if name is not None and len(drafts) > 1:
        raise UsageError(f"{file} describes {len(drafts)} cards, and --name names one", "leave --name out")
    for draft in drafts:
        called = name or make_name(draft.name or _model_name(draft.content))
        if not called:
            raise UsageError(f"{file} does not name its card", "pass --name")
        value, left = declare(draft, called, owner)
        imported.left += [(show(one.path), one.why) for one in left]
        try:
            put(folder, f"cards/{called}.yaml", write(value, "card"), imported)
        except Inexpressible as problem:
            imported.left.append((called, str(problem)))
    return check(folder, imported), imported


def put(folder: Path, path: str, text: str, imported: Imported) -> bool:
    """Writes a file that is not there yet; one that is stays, and is named. Says whether it was written."""
    target = folder / path
    if target.exists():
        imported.findings.append(
            Finding("import/exists", Location(path), "this file exists, and an import overwrites none", "rename it")
        )
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text)
    imported.written.append(path)
    return True


def check(folder: Path, imported: Imported) -> ExitCode:
    """Validates the repository and adds the findings in files that were written."""
    written = set(imported.written)
    imported.findings += [one for one in load_work_tree(folder).findings if one.location.path in written]
    return verdict(imported.findings)


def _model_name(content: dict[str, object]) -> str:
    overview = content.get("model_overview")
    name = overview.get("model_name") if isinstance(overview, dict) else ""
    return name if isinstance(name, str) else ""
