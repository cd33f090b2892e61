"""Compare declared, granted and observed access for every card and account."""
