"""Adapters over stubbed clients, as the tests of aws/ have them."""

from support.stubbed_client import stubbed

__all__ = ["stubbed"]
