"""The rule recogniser: plain words to intents by an ordered grammar, with no model behind it."""

from luminous_protocol.grammar.recogniser import recognise

__all__ = ["recognise"]
