# Starship: a prompt.
import ../../lib/program.nix { name = "starship"; title = "the Starship shell prompt"; }
