# Wireshark: packets, seen.
import ../../lib/program.nix {
  name = "wireshark";
  package = "wireshark-cli";
  title = "Wireshark, a network protocol analyzer";
  more = { users.groups.wireshark = { }; };
}
