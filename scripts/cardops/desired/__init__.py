"""The tree of files as desired state: schema, parsing, cross references. Findings instead of exceptions."""
