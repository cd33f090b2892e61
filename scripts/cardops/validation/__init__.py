"""Validate declarations, rules and sign-offs together: of a branch, and of what is merged."""
