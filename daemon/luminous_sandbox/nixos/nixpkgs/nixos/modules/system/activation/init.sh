#!@shell@
# Boots this system: makes it the running one and starts what it wants running. There is no kernel
# to start and nothing to hand over to; the caller goes on when this ends.
set -eu
out=@out@
state=/run/systemd-miniature

mkdir -p "$state/units" /run/nixos
"$out/activate" >/dev/null
ln -sfn "$out" /run/booted-system
"$out/systemd/bin/systemctl" start default.target
echo "$out" >>"$state/systems"
