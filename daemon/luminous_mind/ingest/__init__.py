"""Ingest: from sources to documents, and from documents to an index."""
