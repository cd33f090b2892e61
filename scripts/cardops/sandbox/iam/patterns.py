"""Match the patterns of IAM policies: wildcards, ARNs and policy variables.

Sources: IAM User Guide, "IAM JSON policy elements: Resource", "Condition operators" and "Variables and tags".
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Keys = Mapping[str, Sequence[str]]
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}
# Private-use characters stand for "*" and "?" that come from a variable's value and are not wildcards.
_STAR, _MARK = "\ue000", "\ue001"
_HIDE = str.maketrans({"*": _STAR, "?": _MARK})
_SHOW = str.maketrans({_STAR: "*", _MARK: "?"})


def expand(text: str, keys: Keys, variables: bool) -> str | None:
    """Replace ``${key}`` and ``${key, 'default'}`` by the key's value; None if a variable has no single value.

    ``keys`` has lower-case names. Without ``variables`` (a policy older than version 2012-10-17) the text is literal.
    """
    if not variables or "${" not in text:
        return text
    missing = False

    def value_of(found: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = (part.strip() for part in found[1].partition(","))
        if name in _LITERALS:
            return _LITERALS[name].translate(_HIDE)
        values = keys.get(name.lower(), ())
        if len(values) == 1:
            return values[0].translate(_HIDE)
        if not values and len(default) > 1 and default[0] == default[-1] == "'":
            return default[1:-1].translate(_HIDE)
        missing = True
        return ""

    expanded = _VARIABLE.sub(value_of, text)
    return None if missing else expanded


def literal(pattern: str) -> str:
    """Return the expanded text with all wildcards taken literally."""
    return pattern.translate(_SHOW)


def _regex(pattern: str, anything: str = ".*", one: str = ".") -> str:
    wild = {"*": anything, "?": one, _STAR: r"\*", _MARK: r"\?"}
    return "".join(wild.get(character) or re.escape(character) for character in pattern)


@lru_cache(8192)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(_regex(pattern), re.DOTALL)


@lru_cache(8192)
def _resource(pattern: str) -> re.Pattern[str]:
    *heads, last = pattern.split(":", 5)
    parts = []
    for head in heads:
        if head.endswith("*"):
            parts.append(_regex(head[:-1], "[^:]*", "[^:]") + ".*")
        else:
            parts.append(_regex(head, "[^:]*", "[^:]"))
    return re.compile(":".join([*parts, _regex(last)]), re.DOTALL)


def like(pattern: str, value: str) -> bool:
    """Match the whole value; ``*`` matches any characters, ``?`` exactly one."""
    return _glob(pattern).fullmatch(value) is not None


def resource_like(pattern: str, arn: str) -> bool:
    """Match a ``Resource`` pattern: only a ``*`` at the end of an ARN segment reaches across colons."""
    return _resource(pattern).fullmatch(arn) is not None


def arn_like(pattern: str, arn: str) -> bool:
    """Match as ArnLike and ArnEquals do: each of the six segments by itself."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(given) == 6 and all(map(like, wanted, given))
