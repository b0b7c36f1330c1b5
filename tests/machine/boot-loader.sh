#!/bin/sh
# The machine's first program: starts the generation that is the default, as a boot loader and
# NixOS's second stage do, and then systemd.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
if [ ! -e /var/lib/machine-was-set-up ]; then
  chown -R alice:users /etc/nixos # an administrator's own, as on many machines
  systemd-sysusers
  python3 -m compileall -q /usr/lib/luminous
  touch /var/lib/machine-was-set-up
fi
sh /nix/var/nix/profiles/system/init >/var/log/boot.log 2>&1
if [ -d /sys/fs/cgroup/memory ]; then # control groups of version 1, of which it is to use these
  mount -o remount,bind,rw /sys/fs/cgroup/memory
  mount -o remount,bind,rw /sys/fs/cgroup/pids
  set -- systemd.unified_cgroup_hierarchy=no SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1
fi
exec /usr/lib/systemd/systemd "$@"
