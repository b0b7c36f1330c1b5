"""Explaining: why the machine is as it is, from facts. Nothing here changes or plans anything."""
