"""ask-nix, the command line."""
