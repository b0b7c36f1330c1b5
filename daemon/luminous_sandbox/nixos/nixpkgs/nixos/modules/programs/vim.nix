# Vim: an editor.
import ../../lib/program.nix { name = "vim"; title = "Vi IMproved, an advanced text"; }
