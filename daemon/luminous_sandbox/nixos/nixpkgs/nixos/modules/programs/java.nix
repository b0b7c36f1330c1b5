# Java: its development kit, and where it is.
import ../../lib/program.nix { name = "java"; title = "java"; package = "jdk"; }
