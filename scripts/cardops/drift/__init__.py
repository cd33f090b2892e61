"""Find differences between AWS and git that no commit explains."""
