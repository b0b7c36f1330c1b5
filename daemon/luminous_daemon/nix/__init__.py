"""Nix and NixOS: evaluate, build, activate, generations."""
