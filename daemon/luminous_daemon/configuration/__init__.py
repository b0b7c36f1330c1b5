"""The module file that Luminous owns: its text, and its bytes on disk."""
