"""Write GitHub Markdown in which user text stays text.

User text goes into code spans or fences, where GitHub ignores mentions, references, links, images and HTML.
Escaping single characters is not enough: GitHub finds mentions after it resolves entities.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from cardops.render.escape import escape_invisible

LIMIT = 65_536
"""Longest comment that GitHub accepts, in characters."""

WORD = re.compile(
    r"(?![(]?[a-f]{7,40}\b)[(]?[^\W\d_]+(?:['’-][^\W\d_]+)*[.,;:!?)]{0,2}|[(]?\d{1,6}%?[.,;:)]{0,2}|[—–-]"
)
"""A word without meaning to Markdown or GitHub in any position. Commit hashes do not match."""


QUOTED = re.compile(r"(?<!\S)([(]?)`([^`]+)`([.,;:)]*)(?!\S)")
"""A word in backticks, as cardops' own messages write it."""


def code(text: str) -> str:
    """Return user text as a code span that is also safe in a table. Empty text stays empty."""
    shown = escape_invisible(text).replace("|", "\\u007c")
    if not shown.strip():
        return "`" + shown.replace(" ", "\\u0020") + "`" if shown else ""
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    """Return user text as a sentence: plain words stay, everything else becomes a code span.

    Never place the result at the start of a line.
    """
    first, *rest = QUOTED.split(escape_invisible(text))
    said = _words(first)
    for opening, quoted, closing, more in zip(*[iter(rest)] * 4, strict=True):
        said += f"{opening}{code(quoted)}{closing}{_words(more)}"
    return said


def _words(text: str) -> str:
    parts: list[tuple[bool, list[str]]] = []
    for word in text.split(" "):
        plain = not word or WORD.fullmatch(word) is not None
        if parts and parts[-1][0] == plain:
            parts[-1][1].append(word)
        else:
            parts.append((plain, [word]))
    return " ".join(" ".join(words) if plain else code(" ".join(words)) for plain, words in parts)


def html_code(text: str) -> str:
    """Return user text for places where Markdown is not parsed, such as `<summary>`."""
    return f"<code>{escape(escape_invisible(text))}</code>"


def fence(lines: Iterable[str], language: str = "") -> list[str]:
    """Return user text as a code block. The fence is longer than any run of backticks in the text."""
    shown = [escape_invisible(line) for line in lines]
    marks = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return [f"{marks}{language}", *shown, marks]


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a comment: `head`, as many whole `items` as fit, then `tail`.

    Space goes to the lowest `rank` first. `what` names the items in the notice of what was left out. A comment must
    not be trusted when items of a `required` section were left out.
    """

    head: str
    items: tuple[str, ...]
    what: str
    rank: int
    tail: str = ""
    required: bool = False


class Fitted(NamedTuple):
    """A comment, and the number of required items that did not fit, by name."""

    text: str
    missing: Mapping[str, int]


def fold(summary: str, items: Iterable[str], what: str, rank: int, required: bool = False) -> Part:
    """Fold items below a summary, which is HTML."""
    return Part(f"<details><summary>{summary}</summary>\n", tuple(items), what, rank, "\n</details>", required)


def folded_diff(summary: str, lines: Iterable[str], what: str, rank: int, required: bool = False) -> Part:
    """Fold the lines of a diff. They may contain anything."""
    opening, *shown, closing = fence(lines, "diff")
    head = f"<details><summary>{summary}</summary>\n\n{opening}"
    return Part(head, tuple(shown), what, rank, f"{closing}\n\n</details>", required)


def fit(first: str, parts: Sequence[Part], last: str, rest: str, limit: int = LIMIT) -> Fitted:
    """Assemble a comment within the limit. Items that do not fit are left out whole and counted.

    `rest` tells readers where to find everything.
    """
    room = limit - size(first) - size(last) - RESERVED - size(rest)
    kept: dict[int, int] = {}
    for index in sorted(range(len(parts)), key=lambda at: parts[at].rank):
        count, room = _room_for(parts[index], room)
        kept[index] = count
    texts = [_text(part, kept[index]) for index, part in enumerate(parts) if kept[index]]
    left: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for index, part in enumerate(parts):
        left[part.what] += len(part.items) - kept[index]
        missing[part.what] += len(part.items) - kept[index] if part.required else 0
    over = ", ".join(f"{number} {what}" for what, number in left.items() if number)
    notice = [f"*Left out because the comment is full: {over}. {rest}*"] if over else []
    return Fitted("\n\n".join([first, *texts, *notice, last]), +missing)


RESERVED = 400
"""Characters reserved for the notice of what was left out."""


def size(text: str) -> int:
    """Return the length in UTF-16 units, which is never less than GitHub's own count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _room_for(part: Part, room: int) -> tuple[int, int]:
    left = room - size(part.head) - size(part.tail) - 4
    for count, item in enumerate(part.items):
        cost = size(item) + 1
        if cost > left:
            return count, left if count else room
        left -= cost
    return (len(part.items), left) if part.items else (0, room)


def _text(part: Part, count: int) -> str:
    head, tail = [part.head] if part.head else [], [part.tail] if part.tail else []
    return "\n".join([*head, *part.items[:count], *tail])
