# Channels, fetched and unpacked but not in force: what nix-channel does, without its side effects.
# The request is JSON: [ { "name": "nixos", "url": "https://…/nixos-25.11" } ]; as for nix-channel,
# the address is that of a folder with nixexprs.tar.xz, or of a tarball.
{ request }:

map
  (channel: derivation {
    name = "channel-${channel.name}";
    builder = "builtin:unpack-channel";
    system = "builtin";
    channelName = channel.name;
    src = builtins.fetchurl (
      if builtins.match ".*\\.tar\\.(gz|bz2|xz)" channel.url != null then channel.url
      else "${channel.url}/nixexprs.tar.xz"
    );
    preferLocalBuild = true;
  })
  (builtins.fromJSON request)
