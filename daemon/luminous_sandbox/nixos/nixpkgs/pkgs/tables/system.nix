# What every system has.
{ licenses }:
with licenses;
{
  bash = {
    version = "5.3p3";
    description = "GNU Bourne-Again Shell, the de facto standard shell on Linux (for interactive use)";
    homepage = "https://www.gnu.org/software/bash/"; license = gpl3Plus;
    programs = [ ];
    outputs = [ "out" "man" ]; size = 32; needs = [ "glibc" "readline" ];
    passthru.shellPath = "/bin/bash";
  };
  dbus = {
    version = "1.14.10";
    description = "Simple interprocess messaging system";
    homepage = "https://www.freedesktop.org/wiki/Software/dbus/"; license = gpl2Plus;
    programs = [ ]; libraries = [ "dbus-1" ];
    outputs = [ "out" "dev" "lib" "man" ]; size = 24; needs = [ "glibc" ];
  };
  man-pages = {
    version = "6.15";
    description = "Linux development manual pages";
    homepage = "https://www.kernel.org/doc/man-pages/"; license = gpl2Plus;
    programs = [ ]; size = 48;
  };
  nix = {
    version = "2.31.2";
    description = "Nix package manager";
    homepage = "https://nixos.org/"; license = lgpl2Plus;
    programs = [ ]; outputs = [ "out" "man" "doc" ]; size = 120;
  };
  util-linux = {
    version = "2.41.1";
    description = "Set of system utilities for Linux";
    homepage = "https://www.kernel.org/pub/linux/utils/util-linux/"; license = gpl2Plus;
    programs = [ ]; outputs = [ "out" "bin" "man" ]; size = 64;
  };
  networkmanager = {
    version = "1.52.1";
    description = "Network configuration and management tool";
    homepage = "https://networkmanager.dev"; license = gpl2Plus;
    programs = [ "nmcli" "nmtui" "NetworkManager" ];
    outputs = [ "out" "dev" "man" ]; size = 64; needs = [ "glib" "dbus" "curl" ];
  };
  polkit = {
    version = "126";
    description = "Toolkit for defining and handling the policy that allows unprivileged processes to speak to privileged processes";
    homepage = "https://github.com/polkit-org/polkit"; license = lgpl2Plus;
    programs = [ ]; libraries = [ "polkit-gobject-1" ];
    outputs = [ "bin" "dev" "out" ]; size = 16; needs = [ "glib" ];
  };
  sudo = {
    version = "1.9.17p2";
    description = "Command to run commands as root";
    homepage = "https://www.sudo.ws/"; license = isc;
    programs = [ ]; size = 20; needs = [ "glibc" ];
  };
  zfs = {
    version = "2.3.4";
    description = "ZFS Filesystem Linux Userspace Tools";
    homepage = "https://github.com/openzfs/zfs"; license = mpl20;
    programs = [ "zfs" "zpool" ]; size = 48; needs = [ "glibc" "openssl" ];
  };
}
