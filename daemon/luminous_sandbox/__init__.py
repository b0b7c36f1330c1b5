"""The sandbox: a throw-away NixOS-like machine in which Luminous is tried, tested and measured."""
