#!/bin/sh
# Boots the machine of the layers $1 (overlayfs's lowerdir) whose changes are kept below $2, until it
# is switched off. Runs in a mount namespace of its own.
set -eu
layers=$1 kept=$2
mount -t tmpfs tmpfs /run
# The first process wants the one tree of control groups that version 2 has.
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
group=/sys/fs/cgroup/luminous-machine.$$
mkdir "$group" && echo $$ >"$group/cgroup.procs"

mkdir -p /run/machine "$kept/upper" "$kept/work"
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$kept/upper,workdir=$kept/work" /run/machine
status=133 # what systemd-nspawn ends with when the machine wants to be booted again
while [ "$status" = 133 ]; do
  status=0
  systemd-nspawn --quiet --directory=/run/machine --register=no --keep-unit --console=pipe \
    --kill-signal=SIGRTMIN+3 --private-network /boot-loader </dev/null || status=$?
done
echo $$ >/sys/fs/cgroup/cgroup.procs
find "$group" -depth -type d -exec rmdir {} +
exit "$status"
