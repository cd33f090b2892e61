"""What KMS says about a key that a card is encrypted with. No I/O."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObservedKey:
    """A key by what a card calls it. `arn` is the key's own, `policy` its policy as JSON text; each is empty where
    it was not read, and then `why` says the reason.
    """

    arn: str = ""
    policy: str = ""
    why: str = ""


def is_key_arn(key_id: str) -> bool:
    """Whether it is a key's own ARN, which is the same whatever an alias points to."""
    return key_id.startswith("arn:") and ":key/" in key_id
