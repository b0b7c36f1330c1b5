# htop: processes, watched.
import ../../lib/program.nix { name = "htop"; title = "htop process monitor"; }
