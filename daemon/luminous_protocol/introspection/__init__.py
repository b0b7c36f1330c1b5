"""Golden introspection XML: what clients are written against."""
