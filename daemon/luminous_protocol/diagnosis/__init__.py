"""Diagnosis: what an error message of Nix means, and what can be done about it.

A message is text of a stranger. It is matched and shown, shortened and without what drives
terminals, and never becomes a command; what is proposed are changes of fixed forms.
"""

from luminous_protocol.diagnosis.diagnosing import diagnose
from luminous_protocol.diagnosis.message import cut
from luminous_protocol.diagnosis.report import Diagnosis, Place, from_dict, to_dict

__all__ = ["Diagnosis", "Place", "cut", "diagnose", "from_dict", "to_dict"]
