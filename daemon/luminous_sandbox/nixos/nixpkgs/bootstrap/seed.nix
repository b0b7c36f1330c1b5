# The seed: a static shell with the usual small programs, from which everything else is built.
# The folder is put beside this file when the channel is made. Its hash, where it is written down,
# spares Nix from reading it again at every evaluation.
builtins.path (
  {
    name = "busybox-static";
    path = ./seed;
  }
  // (if builtins.pathExists ./seed.json then builtins.fromJSON (builtins.readFile ./seed.json) else { })
)
