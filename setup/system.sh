#!/bin/sh
# Installs the Debian packages that building, testing and the sandbox need; only the missing ones.
# With the word `machine`, also those that the booted test machine needs.
set -eu

# name: what it is for
packages="
busybox-static  # the shell and tools of the miniature system's builds
ca-certificates # downloads over TLS
curl            # asks for the pages that probes look at
dbus-daemon     # the private system bus
g++             # compiles hnswlib
gcc             # compiles systemd-python
git             # flakes and configurations kept in git
libsystemd-dev  # systemd-python's headers
nix-bin         # Nix 2.8, the older end of what is supported
pkg-config      # finds libsystemd for systemd-python
polkitd         # authorisation, and pkttyagent
python3-dev     # systemd-python's headers
python3-venv    # makes the virtual environment
systemd         # busctl and systemd-analyze
util-linux      # unshare and nsenter, of which the sandbox is made
xz-utils        # unpacks channels
"
if [ "${1-}" = machine ]; then
  packages="$packages
mmdebstrap        # makes the Debian below the booted machine
systemd-container # boots it
"
fi
packages=$(printf '%s\n' "$packages" | sed 's/#.*//')

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  # shellcheck disable=SC2086
  echo "luminous: this set-up installs Debian packages, and this is no Debian system." >&2
  echo "luminous: it was made for Debian 12; elsewhere install what these hold by hand:" $packages >&2
  echo "luminous: then run make with SYSTEM=ready to leave this step out." >&2
  exit 1
fi

missing=
for package in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "luminous: these Debian packages are missing:$missing" >&2
  echo "luminous: run the same command as root (sudo make …), which installs them." >&2
  exit 1
fi

install() {
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install $missing </dev/null
}

echo "luminous: installing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 && install >"$log" 2>&1; then
  exit 0
fi
echo "luminous: asking the Debian mirror for its current list of packages first"
if apt-get -qq -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 && install >"$log" 2>&1; then
  exit 0
fi
tail -n 20 "$log" >&2
echo "luminous: the Debian packages could not be installed; the lines above say why." >&2
exit 1
