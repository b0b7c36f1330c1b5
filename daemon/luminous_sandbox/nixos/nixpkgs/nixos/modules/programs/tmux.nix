# tmux: terminals in a terminal.
import ../../lib/program.nix { name = "tmux"; title = "tmux - a {command}`screen` replacement"; }
