# zoxide: cd that learns.
import ../../lib/program.nix {
  name = "zoxide";
  title = "zoxide, a smarter cd command that learns your habits";
}
