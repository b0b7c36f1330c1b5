# fish: a shell.
import ../../lib/program.nix { name = "fish"; title = "fish, the friendly interactive shell"; }
