"""What ask-nix does for each verb, one module a verb or a pair of verbs."""
