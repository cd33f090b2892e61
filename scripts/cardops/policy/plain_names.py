"""Names and texts in the form in which they are compared: case, accents, separators and units do not matter."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
PER_CENT = re.compile(r"%|\bper ?cent\b|\bpct\b|\bprozent\b|\bpour ?cent\b", re.IGNORECASE)
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WIDE_LETTERS = 3
"""Letters of an alphabet that one Chinese, Japanese or Korean character stands for."""
NOISE = frozenset(
    {"test", "tests", "testing", "eval", "evaluation", "validation", "val", "valid", "holdout", "hold", "out", "oot"}
    | {"oos", "overall", "mean", "avg", "the"}
)
"""Words of a metric's name that do not tell which metric it is."""
LONGEST = 7
LONG = 7
"""Letters from which on a name is looked for within a word."""
COUNTED = 200
"""Characters of a text in which letters are counted: no rule asks for more letters than that."""
GLANCE = 16
"""Characters that tell whether more than one letter is used."""
REPEATED = re.compile(r"(\w)\1{3,}")
PEOPLE = re.compile(r"[,;/&+]|\band\b|\bund\b|\bet\b|\by\b")
"""What stands between the names of several people or teams."""
NOT_NAMES = frozenset({"team", "the", "dept", "department", "group"})


@lru_cache(maxsize=4_096)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a name, without brackets and what is in them.

    `ROC_AUC (%)`, `rocAuc` and `Roc-auc` are all `roc auc`.
    """
    return tuple(_split(HUMP.sub(" ", BRACKETS.sub(" ", text))))


def plain(text: str) -> str:
    """A whole text as words with one blank between them; what is in brackets stays."""
    return " ".join(_split(text))


def compact(words: Iterable[str]) -> str:
    """Words without blanks, so that `f 1`, `f-1` and `f1` are the same."""
    return "".join(words)


def letters_of(text: str) -> int:
    """How much a text says, in letters and digits; signs do not count, and repeated letters count as one.

    A character of Chinese, Japanese or Korean counts as three. Only the beginning of a long text is counted.
    """
    kept = text[:COUNTED]
    if REPEATED.search(kept):
        kept = REPEATED.sub(r"\1", kept)
    letters = sum(map(str.isalnum, kept))
    if len(set(filter(str.isalnum, kept[:GLANCE]))) < 2:
        letters = min(letters, len(set(filter(str.isalnum, kept))))
    return letters if kept.isascii() else letters + (WIDE_LETTERS - 1) * len(WIDE.findall(kept))


def is_per_cent(name: str) -> bool:
    """Return True if a name says that its values are per cent."""
    return PER_CENT.search(name) is not None


def identity(name: str) -> str:
    """A team or person in the form in which two spellings of it are the same."""
    return compact(word for word in words_of(name) if word not in NOT_NAMES)


def identities(text: str) -> list[str]:
    """Everybody whom a text names."""
    return [one for one in map(identity, PEOPLE.split(text)) if one]


class Names:
    """Known names, each with the one that rules use. Those of two letters are known only where they stand alone.

    Beside a `spoiling` word a name stands for something else.
    """

    def __init__(self, known: Mapping[str, Iterable[str]], spoiling: Iterable[str] = ()) -> None:
        self._spoiling = frozenset(compact(_split(one)) for one in spoiling)
        self._exact: dict[str, str] = {}
        self._within: dict[str, str] = {}
        self._wide: dict[str, str] = {}
        for name, spelt in known.items():
            for one in (name, *spelt):
                key = compact(_split(one))
                self._exact.setdefault(key, name)
                if len(key) > 2:
                    self._within.setdefault(key, name)
                if WIDE.search(key):
                    self._wide.setdefault(key, name)

    def whole(self, written: str) -> str:
        """The name that a whole text stands for, or nothing."""
        return self._exact.get(compact(words_of(written))) or self._exact.get(compact(_split(written)), "")

    def alone(self, written: str) -> str:
        """The name that a text stands for, words such as `test` or `mean` left out."""
        words = words_of(written)
        told = compact(word for word in words if word not in NOISE)
        return self._exact.get(compact(words)) or self._exact.get(told, "")

    def within(self, written: str) -> str:
        """The name with the longest spelling that stands in a text, words such as `test` or `mean` left out."""
        if found := self.alone(written):
            return found
        words = words_of(written)
        told = [word for word in words if word not in NOISE]
        if not self._spoiling.isdisjoint(told):
            return ""
        for length in range(min(len(told), LONGEST), 0, -1):
            for start in range(len(told) - length + 1):
                if found := self._within.get(compact(told[start : start + length]), ""):
                    return found
        return next(iter(self._in_wide(compact(words))), "")

    def all_within(self, written: str) -> set[str]:
        """Every name that stands in a text; a longer spelling hides the shorter ones in it."""
        words = list(words_of(written))
        found = self._in_wide(compact(words))
        for length in range(min(len(words), LONGEST), 0, -1):
            start = 0
            while start + length <= len(words):
                part = words[start : start + length]
                known = "" if "" in part else self._exact.get(compact(part), "")
                if known:
                    found.add(known)
                    words[start : start + length] = [""] * length
                start += 1
        return found or self._in_compounds(words)

    def _in_compounds(self, words: Iterable[str]) -> set[str]:
        """Names that begin or end a longer word, as in German compounds."""
        long = [word for word in words if len(word) > LONG]
        return {
            name
            for word in long
            for key, name in self._exact.items()
            if len(key) >= LONG and (word.startswith(key) or word.endswith(key))
        }

    def _in_wide(self, text: str) -> set[str]:
        """Names in a text without blanks between its words, as Chinese and Japanese are written."""
        return {name for key, name in self._wide.items() if key in text} if WIDE.search(text) else set()


def _split(text: str) -> list[str]:
    if text.isascii():
        return re.findall(r"[a-z0-9]+", text.lower())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", bare))
