"""Luminous where it runs: on a really booted machine, with systemd as its first process."""
