"""What differs in AWS from what git declared, and that no commit explains."""
