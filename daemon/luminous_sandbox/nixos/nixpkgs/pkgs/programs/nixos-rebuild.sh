#!@shell@
# The small system's own nixos-rebuild: the commands of the real one, in its order.
set -u
profile=/nix/var/nix/profiles/system
verb= rollback= upgrade= json= special= flake= stored= passed=

say() { echo "$*" >&2; }
fail() { say "error: $1"; exit "${2:-1}"; }

while [ $# -gt 0 ]; do
  case $1 in
  switch | boot | test | build | dry-build | dry-run | dry-activate | list-generations) verb=$1 ;;
  --rollback) rollback=1 ;;
  --upgrade | --upgrade-all) upgrade=1 ;;
  --json) json=1 ;;
  --profile-name | -p) profile=/nix/var/nix/profiles/system-profiles/$2; shift ;;
  --specialisation | -c) special=$2; shift ;;
  --flake) flake=$2; shift ;;
  --store-path) stored=$2; shift ;;
  --fast | --no-reexec | --no-build-nix | --sudo | --use-remote-sudo | --verbose | -v | --quiet | --show-trace | --no-flake) ;;
  --install-bootloader) export NIXOS_INSTALL_BOOTLOADER=1 ;;
  --option) passed="$passed --option $2 $3"; shift 2 ;;
  -I | --max-jobs | -j | --cores | --log-format) passed="$passed $1 $2"; shift ;;
  --keep-going | -k | --keep-failed | -K | -L | --print-build-logs | --impure) passed="$passed $1" ;;
  -h | --help) verb= ; break ;;
  *) say "nixos-rebuild: error: unrecognized arguments: $1"; exit 2 ;;
  esac
  shift
done
if [ -z "$verb" ]; then
  say "usage: nixos-rebuild {switch,boot,test,build,dry-build,dry-activate,list-generations} [--rollback] [--upgrade] [--specialisation NAME] [--flake REF] [--json] [--option NAME VALUE]"
  exit 2
fi

numbers() { ls -d "$profile"-*-link 2>/dev/null | sed 's|.*-\([0-9]*\)-link$|\1|' | sort -n; }

current_number() { readlink "$profile" | sed 's|.*-\([0-9]*\)-link$|\1|'; }

list_generations() {
  current=$(current_number) first=1
  [ -n "$json" ] && printf '[' || echo "Generation  Build-date           NixOS version                 Kernel     Current"
  for number in $(numbers | sort -rn); do
    system=$(readlink -f "$profile-$number-link")
    date=$(date -d "@$(stat -c %Z "$system")" '+%F %T')
    version=$(cat "$system/nixos-version")
    kernel=$(ls "$system/kernel-modules/lib/modules" | head -n 1)
    is_current=false
    [ "$number" != "$current" ] || is_current=true
    if [ -n "$json" ]; then
      [ -n "$first" ] || printf ', '
      specials=$(ls "$system/specialisation" | sed 's/.*/"&"/' | tr '\n' ',' | sed 's/,$//')
      revision=$(cat "$system/configuration-revision" 2>/dev/null)
      printf '{"generation": %s, "date": "%s", "nixosVersion": "%s", "kernelVersion": "%s", "configurationRevision": "%s", "specialisations": [%s], "current": %s}' \
        "$number" "$date" "$version" "$kernel" "$revision" "$specials" "$is_current"
      first=
    else
      [ "$is_current" = true ] && is_current=True || is_current=False
      printf '%-11s %-20s %-29s %-10s %s\n' "$number" "$date" "$version" "$kernel" "$is_current"
    fi
  done
  [ -z "$json" ] || echo ']'
}

build() { # -> the system's store path
  if [ -n "$flake" ]; then
    case $flake in *#*) name=${flake#*#} ;; *) name=$(hostname) ;; esac
    target="${flake%%#*}#nixosConfigurations.\"$name\".config.system.build.toplevel"
    # Nix 2.8 cannot print what it built.
    folder=$(mktemp -d)
    nix --extra-experimental-features 'nix-command flakes' build --out-link "$folder/result" $passed "$@" "$target" || return $?
    [ ! -e "$folder/result" ] || readlink -f "$folder/result"
    rm -rf "$folder"
  else
    nix-build '<nixpkgs/nixos>' --attr config.system.build.toplevel --no-out-link $passed "$@"
  fi
}

if [ "$verb" = list-generations ]; then
  list_generations
  exit 0
fi
if [ -n "$upgrade" ]; then nix-channel --update nixos || fail "the channel could not be updated"; fi

if [ -n "$rollback" ]; then
  number=$(numbers | awk -v current="$(current_number)" '$1 < current' | tail -n 1)
  [ -n "$number" ] || fail "no generation before the current one was found"
  [ "$verb" = test ] || [ "$verb" = build ] || nix-env -p "$profile" --switch-generation "$number" || exit $?
  system=$(readlink -f "$profile-$number-link")
else
  if [ -n "$stored" ]; then
    system=$stored
  else
    say "building the system configuration..."
    case $verb in dry-build | dry-run) build --dry-run; exit $? ;; esac
    system=$(build) || exit $?
  fi
  [ -e "$system/nixos-version" ] || fail "The NixOS configuration path seems to be missing essential files."
  case $verb in switch | boot) nix-env -p "$profile" --set "$system" || exit $? ;; esac
fi

if [ "$verb" = build ]; then
  ln -sfn "$system" result
  say "Done. The new configuration is $system"
  exit 0
fi
[ -z "$special" ] || system=$system/specialisation/$special
[ -e "$system/bin/switch-to-configuration" ] || fail "Specialisation not found: $special"
if [ -d /run/systemd/system ]; then
  set -- systemd-run -E LOCALE_ARCHIVE -E NIXOS_INSTALL_BOOTLOADER --collect --no-ask-password --pipe --quiet \
    --service-type=exec --unit=nixos-rebuild-switch-to-configuration
else
  set --
fi
"$@" "$system/bin/switch-to-configuration" "$verb" || {
  code=$?
  say "warning: error(s) occurred while switching to the new configuration"
  exit "$code"
}
[ "$verb" = dry-activate ] || say "Done. The new configuration is $system"
