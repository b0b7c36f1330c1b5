# bat: cat with colours.
import ../../lib/program.nix { name = "bat"; title = "bat, a cat(1) clone with wings"; }
