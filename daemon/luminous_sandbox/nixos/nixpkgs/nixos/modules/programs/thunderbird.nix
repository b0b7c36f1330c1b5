# Thunderbird: mail.
import ../../lib/program.nix { name = "thunderbird"; title = "Thunderbird mail client"; }
