"""git: the only package that asks it. Commits through GitPython; where thousands of things are read, plumbing."""
