"""Decisions: planning, policy, transactions. No bus, no process, no file."""
