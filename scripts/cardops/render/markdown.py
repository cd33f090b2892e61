"""GitHub's Markdown: user text in it stays text.

Whatever people wrote goes into code spans or fences, where GitHub reads no mentions, references, links, images or
HTML. Escaping characters would not do: mentions are found after entities are resolved.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from cardops.render.escape import escape_invisible

LIMIT = 65_536
"""What GitHub takes as the body of a comment, in characters."""

WORD = re.compile(
    r"(?![(]?[a-f]{7,40}\b)[(]?[^\W\d_]+(?:['’-][^\W\d_]+)*[.,;:!?)]{0,2}|[(]?\d{1,6}%?[.,;:)]{0,2}|[—–-]"
)
"""A word that means nothing to Markdown and to GitHub, wherever it stands in a line. No hash of a commit fits."""


QUOTED = re.compile(r"(?<!\S)([(]?)`([^`]+)`([.,;:)]*)(?!\S)")
"""What our own messages put into backticks, as a word of its own."""


def code(text: str) -> str:
    """User text as a code span, also within a table; nothing for nothing."""
    shown = escape_invisible(text).replace("|", "\\u007c")
    if not shown.strip():
        return "`" + shown.replace(" ", "\\u0020") + "`" if shown else ""
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    """User text as a sentence: plain words stay so, all else is a code span, as is what stands in backticks.

    Never first in a line.
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
    """User text where Markdown is not read: within `<summary>`."""
    return f"<code>{escape(escape_invisible(text))}</code>"


def fence(lines: Iterable[str], language: str = "") -> list[str]:
    """User text as a block, longer fenced than anything in it."""
    shown = [escape_invisible(line) for line in lines]
    marks = "`" * max(3, 1 + max(map(_longest_run, shown), default=0))
    return [f"{marks}{language}", *shown, marks]


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a comment: `head`, then as many whole `items` as there is room for, then `tail`.

    Room goes to the lowest `rank` first; `what` names the items where some are left out.
    """

    head: str
    items: tuple[str, ...]
    what: str
    rank: int
    tail: str = ""


def fold(summary: str, items: Iterable[str], what: str, rank: int) -> Part:
    """Items folded under a summary, which is HTML."""
    return Part(f"<details><summary>{summary}</summary>\n", tuple(items), what, rank, "\n</details>")


def folded_diff(summary: str, lines: Iterable[str], what: str, rank: int) -> Part:
    """The lines of a diff, folded; they may hold anything."""
    opening, *shown, closing = fence(lines, "diff")
    head = f"<details><summary>{summary}</summary>\n\n{opening}"
    return Part(head, tuple(shown), what, rank, f"{closing}\n\n</details>")


def fit(first: str, parts: Sequence[Part], last: str, rest: str, limit: int = LIMIT) -> str:
    """`first`, the parts, then `last`, within the limit: what is over goes whole, and is counted.

    `rest` says where all of it is.
    """
    room = limit - size(first) - size(last) - RESERVED - size(rest)
    kept: dict[int, int] = {}
    for index in sorted(range(len(parts)), key=lambda at: parts[at].rank):
        count, room = _room_for(parts[index], room)
        kept[index] = count
    texts = [_text(part, kept[index]) for index, part in enumerate(parts) if kept[index]]
    left: dict[str, int] = {}
    for index, part in enumerate(parts):
        left[part.what] = left.get(part.what, 0) + len(part.items) - kept[index]
    over = ", ".join(f"{number} {what}" for what, number in left.items() if number)
    notice = [f"*Left out for want of room: {over}. {rest}*"] if over else []
    return "\n\n".join([first, *texts, *notice, last])


RESERVED = 400
"""Room for the notice of what was left out."""


def size(text: str) -> int:
    """In UTF-16 units, which are never fewer than characters however GitHub counts them."""
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
