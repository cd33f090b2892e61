"""What others write, in our words: evaluation reports, exports and events."""
