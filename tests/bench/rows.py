"""One line of the table: what was done, against what, what came out, and what the other one does and does not do."""

from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape


@dataclass(frozen=True, slots=True)
class Row:
    """`met` is None where there is no target."""

    work: str
    against: str
    target: str
    found: str
    met: bool | None
    other: str


def as_markdown(rows: list[Row]) -> str:
    """The table."""
    head = "| work | against | target | found | | what the other does, and does not do |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {row.work} | {row.against} | {row.target} | {row.found} | {_mark(row)} | {row.other} |\n" for row in rows
    )


def show(row: Row, console: Console) -> None:
    """A row as soon as it is known."""
    console.print(f"[bold]{escape(row.work)}[/]: {escape(row.found)} ({escape(row.target)}) {_mark(row)}")


def _mark(row: Row) -> str:
    return "" if row.met is None else "met" if row.met else "**missed**"
