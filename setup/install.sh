#!/bin/sh
# Puts Luminous below DESTDIR/PREFIX: its programs, its modules in a folder of their own, and the
# files that systemd, the bus, polkit and shells look for. The Python packages that it needs are
# those of PYTHON. Usage: install.sh WHEEL DESTDIR PREFIX PYTHON
set -eu
wheel=$1 root=$2$3 prefix=$3 python=$4
modules=$root/lib/luminous

unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
python3 -m zipfile -e "$wheel" "$unpacked"

rm -rf "$modules"
mkdir -p "$modules" "$root/bin"
# The sandbox is for trying and testing; an installation is the real thing.
for part in "$unpacked"/luminous_protocol "$unpacked"/luminous_daemon "$unpacked"/luminous_clients \
  "$unpacked"/*.dist-info; do
  cp -R "$part" "$modules/"
done
cp -R "$unpacked"/*.data/data/. "$root/"
sed "s|/usr/bin/|$prefix/bin/|" "$unpacked"/*.data/data/lib/systemd/system/luminousd.service \
  >"$root/lib/systemd/system/luminousd.service"

launcher() { # NAME MODULE: isolated, so that no user's environment says which code root runs
  printf '#!%s -I\nimport sys\n\nsys.path.insert(0, "%s/lib/luminous")\nfrom %s import main\n\nmain()\n' \
    "$python" "$prefix" "$2" >"$root/bin/$1"
  chmod 755 "$root/bin/$1"
}
launcher luminousd luminous_daemon.app
launcher ask-nix luminous_clients.cli.main
echo "luminous: installed below $root; next: systemctl daemon-reload, systemctl reload dbus"
