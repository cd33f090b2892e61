"""Policies for every role, derived from the table of operations and from what is declared. Pure."""
