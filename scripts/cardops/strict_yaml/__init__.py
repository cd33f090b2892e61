"""Text of configuration files: strict reading, with places."""
