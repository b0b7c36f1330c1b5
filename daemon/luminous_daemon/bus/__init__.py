"""The D-Bus face of the daemon."""
