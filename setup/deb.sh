#!/bin/sh
# Makes a Debian package of the product for trixie and later. Usage: deb.sh FOLDER
set -eu
setup=$(dirname "$0")
version=$("$setup"/../.venv/bin/python -c 'from importlib.metadata import version; print(version("luminous"))')
package=$1/luminous_${version}_all.deb

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
umask 022
"$setup"/install.sh "$tree" /usr /usr/bin/python3 >/dev/null
mkdir -p "$tree/DEBIAN" "$1"
cat >"$tree/DEBIAN/control" <<END
Package: luminous
Version: $version
Architecture: all
Section: admin
Priority: optional
Maintainer: The Luminous authors <luminous@localhost>
Depends: dbus, nix-bin, polkitd, python3 (>= 3.11), python3-dbus-next, python3-jeepney,
 python3-msgpack, python3-pydantic (>= 2.8), python3-rapidfuzz, python3-rich, systemd, util-linux
Recommends: curl, git, python3-numpy (>= 1:2), python3-stemmer (>= 2.2), python3-systemd
Description: change, understand and undo a NixOS machine in plain words
 A daemon on the system bus that plans, applies and takes back changes, and a
 program that talks to it.
END
cat >"$tree/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
systemd-sysusers luminous.conf
systemd-tmpfiles --create luminous.conf
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl reload dbus || true
  systemctl try-restart luminousd luminous-mind
fi
END
cat >"$tree/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl stop luminousd luminous-mind.socket luminous-mind luminous-mind-index.timer \
    luminous-mind-index.path luminous-mind-index luminous-catalogue.timer luminous-catalogue.path
fi
END
chmod 755 "$tree"/DEBIAN/postinst "$tree"/DEBIAN/prerm
dpkg-deb --root-owner-group --build "$tree" "$package" >/dev/null
echo "luminous: $package"
