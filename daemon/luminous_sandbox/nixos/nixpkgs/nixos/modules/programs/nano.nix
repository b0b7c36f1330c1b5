# nano: an editor.
import ../../lib/program.nix {
  name = "nano";
  title = "nano, a small user-friendly console text editor";
}
