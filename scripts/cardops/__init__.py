"""cardops: GitOps and policy-as-code for the governance of machine-learning models."""

__version__ = "0.1.0"
