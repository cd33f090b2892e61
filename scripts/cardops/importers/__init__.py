"""Convert cards from other formats and from live accounts into card files."""
