# Wireshark: packets, seen.
import ../../lib/program.nix {
  name = "wireshark";
  title = "Wireshark, a network protocol analyzer";
  more = { users.groups.wireshark = { }; };
}
