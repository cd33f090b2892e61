"""Where declarations, rules and sign-offs meet: what a branch proposes, and what is merged."""
