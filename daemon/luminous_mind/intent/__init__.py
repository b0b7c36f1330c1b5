"""What a sentence asks for, by its likeness to examples."""
