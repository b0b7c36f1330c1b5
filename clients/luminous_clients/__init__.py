"""Programs that people use to talk to the daemon."""
