"""The words that rules share: policies/vocabulary.yaml, read once and ready to be looked up."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from cardops.policy.files import PolicyFile, Where
from cardops.policy.forms import Form, check_shape, get_path, listing, mapping, one_of, text
from cardops.policy.plain_names import Names, identity, plain

SHAPES = ("ratio", "difference", "divergence", "plain")
NAMED = ("statuses", "kinds", "origins", "eu_classes", "roles", "metrics", "details", "metadata")
LISTS = ("empty", "unfinished", "templates", "hosted", "derived", "validators", "days", "suspects")
FILE = Form(
    {},
    {
        **dict.fromkeys(NAMED, mapping),
        **dict.fromkeys(LISTS, listing),
    },
)
METRIC = Form({"family": text, "names": listing}, {"range": listing, "shape": one_of(*SHAPES)})


class Metric(NamedTuple):
    """A known metric: its kind, and the limits of its values (None: no limit)."""

    family: str
    shape: str = "plain"
    least: float | None = None
    most: float | None = None


class Vocabulary:
    """The words of one repository, by what they are for. Each kind is made ready when a rule first needs it."""

    def __init__(self, value: Mapping[str, Any] = {}) -> None:
        self._value = value

    @cached_property
    def reviewed(self) -> frozenset[str]:
        return frozenset(words(self._value.get("statuses", {}).get("reviewed", ())))

    @cached_property
    def closed(self) -> frozenset[str]:
        return frozenset(words(self._value.get("statuses", {}).get("closed", ())))

    @cached_property
    def validators(self) -> frozenset[str]:
        return frozenset(map(identity, words(self._value.get("validators", ()))))

    @cached_property
    def eu_classes(self) -> Names:
        return Names(_named(self._value.get("eu_classes", {})))

    @cached_property
    def empty(self) -> frozenset[str]:
        return frozenset(map(plain, words(self._value.get("empty", ()))))

    @cached_property
    def templates(self) -> frozenset[str]:
        return frozenset(map(plain, words(self._value.get("templates", ()))))

    @cached_property
    def unfinished(self) -> re.Pattern[str] | None:
        return _pattern(words(self._value.get("unfinished", ())))

    @cached_property
    def unfinished_marks(self) -> tuple[str, ...]:
        """In small letters, what has to stand in a text before it is searched."""
        return tuple({one.lower() for one in words(self._value.get("unfinished", ()))})

    @cached_property
    def suspects(self) -> tuple[str, ...]:
        return tuple(words(self._value.get("suspects", ())))

    @cached_property
    def kinds(self) -> Names:
        return Names(_named(self._value.get("kinds", {})))

    @cached_property
    def hosted(self) -> Names:
        return Names({"hosted": words(self._value.get("hosted", ()))})

    @cached_property
    def origins(self) -> Names:
        return Names(_named(self._value.get("origins", {})))

    @cached_property
    def roles(self) -> Names:
        return Names(_named(self._value.get("roles", {})))

    @cached_property
    def details(self) -> Names:
        return Names(_named(self._value.get("details", {})))

    @cached_property
    def detail_names(self) -> tuple[str, ...]:
        return tuple(self._value.get("details", {}))

    @cached_property
    def metadata(self) -> Names:
        return Names(_named(self._value.get("metadata", {})))

    @cached_property
    def days(self) -> tuple[str, ...]:
        return tuple(words(self._value.get("days", ())))

    @cached_property
    def metric_names(self) -> Names:
        metrics = self._value.get("metrics", {})
        return Names(
            {name: words(one["names"]) for name, one in metrics.items()}, words(self._value.get("derived", ()))
        )

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        return {name: _metric(one) for name, one in self._value.get("metrics", {}).items()}


def read_vocabulary(file: PolicyFile) -> Vocabulary:
    """The vocabulary of a file; what is wrong with it is a finding, and then no word is known."""
    if file.value is None or not check_shape(file, (), FILE, "the vocabulary"):
        return NOTHING
    if file.known is not None:
        return Vocabulary(file.value)
    metrics = file.value.get("metrics", {})
    sound = [_is_metric(file, ("metrics", name)) for name in metrics]
    lists = [*_lists(file, *LISTS)]
    lists += [_is_list(file, (key, name)) for key in NAMED if key != "metrics" for name in file.value.get(key, {})]
    return Vocabulary(file.value) if all(sound) and all(lists) else NOTHING


def words(value: Any) -> list[str]:
    """Texts of a list, whose items may be lists themselves."""
    return [word for one in value for word in (one if isinstance(one, list) else [one])]


def _named(value: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: words(spelt) for name, spelt in value.items()}


def _metric(value: Mapping[str, Any]) -> Metric:
    least, most = value.get("range", (None, None))
    return Metric(value["family"], value.get("shape", "plain"), least, most)


def _lists(file: PolicyFile, *keys: str) -> Iterable[bool]:
    return [_is_list(file, (key,)) for key in keys if key in file.value]


def _is_list(file: PolicyFile, where: Where) -> bool:
    value = get_path(file.value, where)
    right = isinstance(value, list) and not any(map(text, words(value)))
    if not right:
        file.report("policy/value", where, f"{where[-1]} must be a list of texts, or of lists of texts")
    return right


def _is_metric(file: PolicyFile, where: Where) -> bool:
    if not check_shape(file, where, METRIC, "a metric"):
        return False
    ends = get_path(file.value, where).get("range", [None, None])
    right = len(ends) == 2 and all(one is None or isinstance(one, int | float) for one in ends)
    if not right:
        file.report("policy/value", (*where, "range"), "range must be two numbers; null where there is no limit")
    return right and _is_list(file, (*where, "names"))


def _pattern(spelt: Iterable[str]) -> re.Pattern[str] | None:
    """Placeholders as words; those in capitals only as they are written, or where they end a text or lead a colon.

    `todo` in small letters is a common word of several languages.
    """
    parts: list[str] = []
    for one in spelt:
        exact = re.escape(one)
        before, after = (r"(?<!\w)" if one[0].isalnum() else ""), (r"(?!\w)" if one[-1].isalnum() else "")
        if one.isupper() and one.isascii():
            parts += [f"{before}{exact}s?{after}", rf"{before}(?i:{exact})(?=\s*:)"]
        else:
            parts.append(f"{before}(?i:{exact}){after}")
    return re.compile("|".join(parts)) if parts else None


NOTHING = Vocabulary()
