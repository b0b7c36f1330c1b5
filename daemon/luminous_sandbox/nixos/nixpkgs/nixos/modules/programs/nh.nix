# nh: another helper for Nix.
import ../../lib/program.nix { name = "nh"; title = "nh, yet another Nix CLI helper"; }
