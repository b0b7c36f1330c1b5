# direnv: an environment for each folder.
import ../../lib/program.nix {
  name = "direnv";
  title = "direnv integration. Takes care of both installation and setting up the sourcing of the shell";
}
