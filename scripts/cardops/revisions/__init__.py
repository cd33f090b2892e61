"""git: the only package that asks it. Commits through GitPython; where thousands of things are read, plumbing."""

from cardops.revisions.changes import Commit, FileChange, Person
from cardops.revisions.history import Revisions
from cardops.revisions.plumbing import read_blobs, run_git
from cardops.revisions.trees import Tree

__all__ = ["Commit", "FileChange", "Person", "Revisions", "Tree", "read_blobs", "run_git"]
