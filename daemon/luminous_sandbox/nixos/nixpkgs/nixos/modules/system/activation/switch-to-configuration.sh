#!@shell@
# Makes this system the running one, the one that boots, or both.
out=@out@
state=/run/systemd-miniature
systemctl=$out/systemd/bin/systemctl
new_units=$out/etc/systemd/system
old_units=/run/current-system/etc/systemd/system
verb=${1-}

say() { echo "$*" >&2; }
fail() { say "$1"; exit "${2:-1}"; }

usage() {
  fail "Usage: $0 [check|switch|boot|test|dry-activate]
check:        run pre-switch checks and exit
switch:       make the configuration the boot default and activate now
boot:         make the configuration the boot default
test:         activate the configuration, but don't make it the boot default
dry-activate: show what would be done if this configuration were activated"
}

# --- knobs: how a test makes a switch go wrong -----------------------------------------------------

# A knob turns against systems that were not the running one (or, for boot, an entry) before, so
# that the machine comes up and the way back is open. One that holds the word `always` turns against
# every system.
is_turned() { # KNOB KNOWN-SYSTEMS
  knob=/etc/sandbox-knobs/$1
  [ -e "$knob" ] && [ -e "$state/systems" ] || return 1
  grep -qw always "$knob" || ! grep -qxF "$out" "$2" 2>/dev/null
}

boot_entries_of() { cat /boot/loader/entries/*.conf 2>/dev/null | sed -n 's|^options init=\([^ ]*\)/init .*|\1|p'; }

# --- the boot menu ---------------------------------------------------------------------------------

kernel_name() { # FILE: the name of its copy in /boot
  path=$(readlink -f "$1")
  hash=${path#/nix/store/}
  echo "${hash%%-*}-$(basename "$(dirname "$path")" | sed 's/^[^-]*-//')-${path##*/}.efi"
}

copy_to_boot() { # FILE
  name=$(kernel_name "$1")
  [ -e "/boot/EFI/nixos/$name" ] || {
    cp "$(readlink -f "$1")" "/boot/EFI/nixos/.$name" && mv "/boot/EFI/nixos/.$name" "/boot/EFI/nixos/$name"
  } || return 1
  echo "$name" >>"$used"
}

write_entry() { # NAME TITLE NUMBER SYSTEM
  copy_to_boot "$4/kernel" && copy_to_boot "$4/initrd" || return 1
  version=$(sed -n 's/.*(Linux \([^)]*\)).*/\1/p' "$4/boot.json")
  {
    echo "title $2"
    echo "sort-key nixos"
    echo "version Generation $3 NixOS $(cat "$4/nixos-version"), Linux Kernel $version, built on $(date -u -d "@$(stat -c %Z "$4")" +%F)"
    echo "linux /EFI/nixos/$(kernel_name "$4/kernel")"
    echo "initrd /EFI/nixos/$(kernel_name "$4/initrd")"
    echo "options init=$4/init $(cat "$4/kernel-params")"
    echo "machine-id $(cat /etc/machine-id 2>/dev/null)"
  } >"/boot/loader/entries/.$1.new" && mv "/boot/loader/entries/.$1.new" "/boot/loader/entries/$1.conf" || return 1
  echo "$1.conf" >>"$kept"
}

write_entries() {
  limit=@bootLimit@
  for link in $(ls -d /nix/var/nix/profiles/system-*-link 2>/dev/null | sort -t- -k2,2n | tail -n "${limit:-1000000}"); do
    number=${link##*/system-}
    number=${number%-link}
    system=$(readlink -f "$link")
    [ -e "$system/nixos-version" ] || continue
    write_entry "nixos-generation-$number" NixOS "$number" "$system" || return 1
    for special in "$system"/specialisation/*; do
      [ -e "$special" ] || continue
      write_entry "nixos-generation-$number-specialisation-${special##*/}" "NixOS (${special##*/})" "$number" "$(readlink -f "$special")" || return 1
    done
    if [ "$system" = "$out" ]; then default=$number; fi
  done
  current=$(readlink /nix/var/nix/profiles/system)
  current=${current#system-}
  if [ "$(readlink -f /nix/var/nix/profiles/system)" = "$out" ]; then default=${current%-link}; fi
}

install_boot_loader() {
  if is_turned boot-fails "$known_entries"; then
    say "cp: error writing '/boot/EFI/nixos/.kernel.efi': No space left on device"
    fail "Failed to install bootloader"
  fi
  mkdir -p /boot/loader/entries /boot/EFI/nixos || fail "Failed to install bootloader"
  used=$(mktemp) kept=$(mktemp) default=
  write_entries || fail "Failed to install bootloader"
  for entry in /boot/loader/entries/nixos-*.conf; do grep -qxF "${entry##*/}" "$kept" || rm -f "$entry"; done
  for file in /boot/EFI/nixos/*.efi; do grep -qxF "${file##*/}" "$used" || rm -f "$file"; done
  rm -f "$used" "$kept"
  if [ -n "$default" ]; then
    printf 'timeout 5\ndefault nixos-generation-%s.conf\nconsole-mode keep\n' "$default" >/boot/loader/.loader.conf.new &&
      mv /boot/loader/.loader.conf.new /boot/loader/loader.conf || fail "Failed to install bootloader"
  fi
}

# --- units -----------------------------------------------------------------------------------------

unit_file() { # TREE UNIT: the file that describes it, a template's for an instance
  if [ -e "$1/$2" ]; then readlink -f "$1/$2"; else case $2 in *@*.*) readlink -f "$1/${2%%@*}@.${2##*.}" ;; esac; fi
}
has() { grep -qi "^$2=\(true\|yes\|1\)$" "$1"; }
hasnt() { grep -qi "^$2=\(false\|no\|0\)$" "$1"; }
without_reload_triggers() { sed '/^X-Reload-Triggers=/d' "$1" | tr -s '\n'; }

decide() { # UNIT OLD-FILE NEW-FILE: what a changed unit needs
  case $1 in *.target | *.slice | *.socket | *.path) return ;; esac
  if has "$3" X-ReloadIfChanged || [ "$(without_reload_triggers "$2")" = "$(without_reload_triggers "$3")" ]; then
    to_reload="$to_reload $1"
  elif hasnt "$3" X-RestartIfChanged || has "$3" RefuseManualStop || has "$3" X-OnlyManualStart; then
    to_skip="$to_skip $1"
  elif hasnt "$3" X-StopIfChanged; then
    to_restart="$to_restart $1"
  else
    to_stop="$to_stop $1"
    to_start="$to_start $1"
  fi
}

compare_units() {
  to_stop= to_skip= to_reload= to_restart= to_start=
  active=$("$systemctl" list-units --plain --no-legend --state=active | awk '{ print $1 }' | sort)
  for unit in $active; do
    old=$(unit_file "$old_units" "$unit")
    new=$(unit_file "$new_units" "$unit")
    if [ -z "$new" ] || [ "$new" = /dev/null ]; then
      [ -n "$old" ] && hasnt "$old" X-StopOnRemoval || to_stop="$to_stop $unit"
    elif [ -n "$old" ] && ! cmp -s "$old" "$new"; then
      decide "$unit" "$old" "$new"
    fi
  done
}

listed() { # SENTENCE UNITS…
  sentence=$1
  shift
  [ $# -eq 0 ] || say "$sentence: $(printf '%s\n' "$@" | sort | tr '\n' ',' | sed 's/,$//; s/,/, /g')"
}

act() { # VERB UNITS…
  action=$1
  shift
  for unit; do SANDBOX_TURNED=$turned "$systemctl" "$action" "$unit" >/dev/null 2>&1 || true; done
}

report() {
  started=
  for unit in $("$systemctl" list-units --plain --no-legend --state=active | awk '{ print $1 }' | sort); do
    case "$unit " in *.target\ ) continue ;; esac
    case " $(echo $active $to_start $to_restart) " in *" $unit "*) ;; *) started="$started $unit" ;; esac
  done
  listed "the following new units were started" $started
  failed=$("$systemctl" list-units --failed --plain --no-legend | awk '{ print $1 }')
  [ -n "$failed" ] || return 0
  listed "warning: the following units failed" $failed
  for unit in $failed; do "$systemctl" status --no-pager --full "$unit" >&2; done
  return 4
}

# --- what cannot change while the system runs -------------------------------------------------------

parts() { sed 's/^{//; s/}$//; s/","/"\n"/g' "$1/switch-inhibitors" 2>/dev/null; } # one a line

check_inhibitors() {
  printf 'Checking switch inhibitors...' >&2
  changes=$(parts /run/current-system | while IFS= read -r part || [ -n "$part" ]; do
    name=${part%%:*}
    new=$(parts "$out" | grep -F "$name:")
    [ -z "$new" ] || [ "$new" = "$part" ] ||
      echo "$name : ${part#*:} -> ${new#*:}" | tr -d '"'
  done)
  [ -n "$changes" ] || { say " done"; return 0; }
  say "
There are changes to critical components of the system:

$changes

Switching into this system is not recommended.
You probably want to run 'nixos-rebuild boot' and reboot your system instead.

Pre-switch check 'switchInhibitors' failed"
  fail "Pre-switch checks failed"
}

# --- the verbs -------------------------------------------------------------------------------------

would() {
  compare_units
  listed "would stop the following units" $to_stop
  listed "would NOT restart the following changed units" $to_skip
  say "would activate the configuration..."
  listed "would reload the following units" $to_reload
  listed "would restart the following units" $to_restart
  listed "would start the following units" $to_start
}

activate() {
  compare_units
  turned=no
  if is_turned service-fails "$state/systems"; then turned=yes; fi
  listed "stopping the following units" $to_stop
  act stop $to_stop
  listed "NOT restarting the following changed units" $to_skip
  say "activating the configuration..."
  if is_turned slow-switch "$state/systems"; then
    sleep "$(grep -o '[0-9.]*' /etc/sandbox-knobs/slow-switch | head -n 1)"
  fi
  if is_turned switch-fails "$state/systems"; then
    ln -sfn "$out/etc" /etc/.static.new && mv -T /etc/.static.new /etc/static
    say "Activation script snippet 'sandbox-knob' failed (1)"
    fail "Failed to run activate script"
  fi
  "$out/activate" >&2 || { say "Failed to run activate script"; status=2; }
  "$systemctl" reset-failed
  listed "reloading the following units" $to_reload
  act reload $to_reload
  listed "restarting the following units" $to_restart
  act restart $to_restart
  listed "starting the following units" $to_start
  act start $to_start
  act start default.target
  SANDBOX_TURNED=$turned "$systemctl" after-switch
  report || status=4
  [ "$status" != 0 ] || echo "$out" >>"$state/systems"
}

case $verb in switch | boot | test | dry-activate | check) ;; *) usage ;; esac
[ -e /etc/NIXOS ] || fail "This is not a NixOS installation!"
[ "$(id -u)" = 0 ] || fail "switch-to-configuration must be run as root"

mkdir -p /run/nixos "$state/units"
exec 9>/run/nixos/switch-to-configuration.lock
flock -n 9 || fail "Could not acquire lock"
status=0
[ "$verb" = boot ] || [ "${NIXOS_NO_CHECK-}" = 1 ] || check_inhibitors
[ "$verb" != check ] || exit 0

if [ "$verb" = dry-activate ]; then
  would
  exit 0
fi
if [ "$verb" = switch ] || [ "$verb" = boot ]; then
  known_entries=$(mktemp)
  boot_entries_of >"$known_entries"
  install_boot_loader
  rm -f "$known_entries"
fi
[ "$verb" = boot ] || activate
exit "$status"
