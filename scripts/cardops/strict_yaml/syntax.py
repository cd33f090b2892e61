"""libyaml's complaints in our own words: theirs are terse, and a library's message is never passed on."""

UNCLOSED = "found unexpected end of stream"
_COLON = "a text that contains ': ' has to be quoted"
_INDENT = "check the indentation and the line before it"

PROBLEMS = {
    "mapping values are not allowed in this context": (
        "a ':' is not expected here",
        f"{_COLON}; or {_INDENT}",
    ),
    "could not find expected ':'": ("a ':' is missing after a key", _INDENT),
    "found character that cannot start any token": (
        "a text cannot start with this character",
        "quote a text that starts with @, ` or %, and indent with spaces, not tabs",
    ),
    UNCLOSED: ("a quote is opened and never closed", "close the quote"),
    "did not find expected key": ("this line does not fit the block it stands in", _INDENT),
    "did not find expected '-' indicator": ("this line does not fit the list it stands in", _INDENT),
    "did not find expected ',' or '}'": ("a '{' is not closed, or a ',' is missing", "close it with '}'"),
    "did not find expected ',' or ']'": ("a '[' is not closed, or a ',' is missing", "close it with ']'"),
    "did not find expected node content": ("a value is missing here", "close the '[' or '{'"),
    "block sequence entries are not allowed in this context": ("a '-' is not expected here", _INDENT),
    "did not find expected <document start>": ("a second document starts here", "one document a file"),
    "found unknown escape character": (
        "an unknown escape in double quotes",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    "found a tab character that violates indentation": ("a tab is used to indent", "indent with spaces"),
    "found a tab character where an indentation space is expected": (
        "a tab is used to indent",
        "indent with spaces",
    ),
    "found undefined tag handle": ("tags are not allowed", "a text that starts with '!' has to be quoted"),
}


def describe(problem: str) -> tuple[str, str]:
    """Message and hint for one of libyaml's problems."""
    message, hint = PROBLEMS.get(problem, ("this is not valid YAML", _INDENT))
    return message, hint
