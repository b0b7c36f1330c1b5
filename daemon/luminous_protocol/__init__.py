"""The words that Luminous programs share: names, errors, changes, plans, intents, codec."""
