#!/bin/sh
# Puts Luminous below DESTDIR/PREFIX: its programs, its modules in a folder of their own, and the
# files that systemd, the bus, polkit and shells look for. The Python packages that it needs are
# those of PYTHON; the wheel is built with the checkout's own environment (make environment).
# Usage: install.sh DESTDIR PREFIX PYTHON
set -eu
root=$1$2 prefix=$2 python=$3
checkout=$(dirname "$0")/..
case $prefix in
/*) ;;
*)
  echo "luminous: PREFIX is a whole path, such as /usr, and not '$prefix'" >&2
  exit 2
  ;;
esac
modules=$root/lib/luminous

unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
"$checkout"/.venv/bin/python -m pip --quiet wheel --no-deps --no-build-isolation \
  --wheel-dir "$unpacked" "$checkout"
python3 -m zipfile -e "$unpacked"/*.whl "$unpacked"

rm -rf "$modules"
mkdir -p "$modules" "$root/bin"
# The sandbox is for trying and testing; an installation is the real thing.
for part in "$unpacked"/luminous_protocol "$unpacked"/luminous_daemon "$unpacked"/luminous_mind \
  "$unpacked"/luminous_clients "$unpacked"/*.dist-info; do
  cp -R "$part" "$modules/"
done
cp -R "$unpacked"/*.data/data/. "$root/"
sed -i "s|=/usr/|=$prefix/|" "$root"/lib/systemd/system/luminous*.service
chmod 755 "$root"/libexec/luminous/*

launcher() { # NAME MODULE: isolated, so that no user's environment says which code root runs
  printf '#!%s -I\nimport sys\n\nsys.path.insert(0, "%s/lib/luminous")\nfrom %s import main\n\nmain()\n' \
    "$python" "$prefix" "$2" >"$root/bin/$1"
  chmod 755 "$root/bin/$1"
}
launcher luminousd luminous_daemon.__main__
launcher luminous-mind luminous_mind.__main__
launcher ask-nix luminous_clients.cli.main
echo "luminous: installed below $root"
if [ -z "$1" ]; then
  "$python" -c 'import numpy, Stemmer' 2>/dev/null ||
    echo "luminous: $python has no numpy or no PyStemmer; searching needs both, and nothing else does"
  echo "luminous: next: systemd-sysusers; systemd-tmpfiles --create; systemctl daemon-reload; systemctl reload dbus"
fi
