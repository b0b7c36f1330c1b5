# fzf: a fuzzy finder.
import ../../lib/program.nix { name = "fzf"; title = "fuzzy completion with fzf"; }
