"""Adapters over stubbed clients, as the tests of aws/ have them."""

from aws.conftest import stubbed

__all__ = ["stubbed"]
