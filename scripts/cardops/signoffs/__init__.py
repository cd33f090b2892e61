"""Sign-offs: where they come from, what they cover, and whether there are enough of them."""
