#!/bin/sh
# Boots the machine of the layers $1 (overlayfs's lowerdir) whose changes are kept below $2, until it
# is switched off. Runs in a mount namespace of its own. With the word `limits` as $3, those on memory
# and tasks are kept by the kernel; else this depends on the host.
set -eu
layers=$1 kept=$2 asked=${3-}
mount -t tmpfs tmpfs /run
# The first process wants the one tree of control groups that version 2 has.
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
trees=/sys/fs/cgroup
if [ "$asked" = limits ] && ! grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
  # This host has its limits in the trees of version 1, which systemd knows, too.
  umount /sys/fs/cgroup
  mount -t tmpfs tmpfs /sys/fs/cgroup
  trees="/sys/fs/cgroup/systemd /sys/fs/cgroup/memory /sys/fs/cgroup/pids"
  mkdir $trees
  mount -t cgroup -o none,name=systemd none /sys/fs/cgroup/systemd
  mount -t cgroup -o memory none /sys/fs/cgroup/memory
  mount -t cgroup -o pids none /sys/fs/cgroup/pids
  export UNIFIED_CGROUP_HIERARCHY=no
fi
for tree in $trees; do
  mkdir "$tree/luminous-machine.$$"
  echo $$ >"$tree/luminous-machine.$$/cgroup.procs"
done

mkdir -p /run/machine "$kept/upper" "$kept/work"
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$kept/upper,workdir=$kept/work" /run/machine
status=133 # what systemd-nspawn ends with when the machine wants to be booted again
while [ "$status" = 133 ]; do
  status=0
  systemd-nspawn --quiet --directory=/run/machine --register=no --keep-unit --console=pipe \
    --kill-signal=SIGRTMIN+3 --private-network /boot-loader </dev/null || status=$?
done
for tree in $trees; do
  echo $$ >"$tree/cgroup.procs"
  find "$tree/luminous-machine.$$" -depth -type d -exec rmdir {} +
done
exit "$status"
