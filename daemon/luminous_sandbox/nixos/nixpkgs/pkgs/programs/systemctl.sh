#!@shell@
# The small system's own systemctl: units have states, kept below /run, but nothing runs in them.
# Speaks as the real one does, as far as it goes.
state=/run/systemd-miniature/units
units=/etc/static/systemd/system
knob=/etc/sandbox-knobs/service-fails

say() { echo "$*" >&2; }

# --- one unit --------------------------------------------------------------------------------------

with_suffix() { case $1 in *.service | *.socket | *.timer | *.target | *.path | *.mount | *.slice) echo "$1" ;; *) echo "$1.service" ;; esac; }
file_of() {
  if [ -e "$units/$1" ]; then readlink -f "$units/$1"; else case $1 in *@*.*) [ ! -e "$units/${1%%@*}@.${1##*.}" ] || readlink -f "$units/${1%%@*}@.${1##*.}" ;; esac; fi
}
setting() { sed -n "s/^$2=//p" "$1" | tail -n 1; }
description_of() {
  unit_file=$(file_of "$1")
  text=
  [ -z "$unit_file" ] || text=$(setting "$unit_file" Description)
  echo "${text:-$1}"
}
state_of() { # UNIT -> "ACTIVE SUB SINCE"
  if [ -e "$state/$1" ]; then cat "$state/$1"; else echo "inactive dead 0"; fi
}
set_state() { # UNIT ACTIVE SUB
  echo "$2 $3 $(date +%s)" >"$state/.$1.new" 2>/dev/null && mv "$state/.$1.new" "$state/$1"
}
load_of() { if [ -n "$(file_of "$1")" ]; then echo loaded; else echo not-found; fi; }

# The state that a unit is in once it was started.
started_state() { # UNIT FILE
  case $1 in
  *.target) echo "active active" ;;
  *.socket) echo "active listening" ;;
  *.timer | *.path) echo "active waiting" ;;
  *.mount) echo "active mounted" ;;
  *)
    if [ "$(setting "$2" Type)" != oneshot ]; then
      echo "active running"
    else
      case $(setting "$2" RemainAfterExit) in true | yes) echo "active exited" ;; *) echo "inactive dead" ;; esac
    fi
    ;;
  esac
}

# A service fails when its program is not there, or when the knob says so: it names units, or, when
# a switch brings a new system, stands for the first service that is started.
fails() { # UNIT FILE
  case $1 in *.service) ;; *) return 1 ;; esac
  command=$(setting "$2" ExecStart)
  command=${command%% *}
  case $command in -*) ;; *) [ -z "$command" ] || [ -x "${command#[@+:!]}" ] || return 0 ;; esac
  [ -e "$knob" ] || return 1
  names=$(tr -s ' \n' '\n\n' <"$knob" | grep '\.' || true)
  if [ -n "$names" ]; then
    [ "${SANDBOX_TURNED:-yes}" = yes ] && echo "$names" | grep -qxF "$1"
  else
    [ "${SANDBOX_TURNED:-no}" = yes ] && ! any_failed
  fi
}
any_failed() { cat "$state"/* 2>/dev/null | grep -q '^failed '; }

start_wants() { # TARGET
  for folder in "$units/$1.wants" "$units/$1.requires"; do
    for link in "$folder"/*; do
      [ -e "$link" ] || continue
      case $(state_of "${link##*/}") in active*) [ "${link##*.}" = target ] || continue ;; esac
      start "${link##*/}" || true
    done
  done
}

start() { # UNIT
  unit=$(with_suffix "$1")
  file=$(file_of "$unit")
  if [ -z "$file" ]; then
    say "Failed to start $unit: Unit $unit not found."
    return 5
  elif [ "$file" = /dev/null ]; then
    say "Failed to start $unit: Unit $unit is masked."
    return 1
  fi
  if fails "$unit" "$file"; then
    set_state "$unit" failed failed
    say "Job for $unit failed because the control process exited with error code."
    say "See \"systemctl status $unit\" and \"journalctl -xeu $unit\" for details."
    return 1
  fi
  set_state "$unit" $(started_state "$unit" "$file")
  case $unit in *.target) start_wants "$unit" ;; esac
}

default_target() { # default.target is another name for multi-user.target
  case $1 in default.target) basename "$(readlink -f "$units/default.target" 2>/dev/null || echo multi-user.target)" ;; *) echo "$1" ;; esac
}

stop() { # UNIT
  unit=$(with_suffix "$1")
  if [ -z "$(file_of "$unit")" ] && [ ! -e "$state/$unit" ]; then
    say "Failed to stop $unit: Unit $unit not loaded."
    return 5
  fi
  rm -f "$state/$unit"
}

reload() { # UNIT
  unit=$(with_suffix "$1")
  case $(state_of "$unit") in
  active*) set_state "$unit" $(state_of "$unit" | cut -d' ' -f1,2) ;;
  *) say "Failed to reload $unit: Job type reload is not applicable for unit $unit."; return 1 ;;
  esac
}

try_restart() { case $(state_of "$(with_suffix "$1")") in active*) start "$1" ;; esac; }

# A switch to a new system with nothing to start: the knob then hits a service that already runs.
after_switch() {
  [ "${SANDBOX_TURNED:-no}" = yes ] && [ -e "$knob" ] && ! any_failed || return 0
  names=$(tr -s ' \n' '\n\n' <"$knob" | grep '\.' || true)
  victim=${names:-$(cd "$state" && grep -l '^active running' -- *.service | head -n 1)}
  for unit in $victim; do set_state "$unit" failed failed; done
}

# --- what there is to see --------------------------------------------------------------------------

known() { { ls "$state" 2>/dev/null; [ -z "$all" ] || ls "$units" | grep '\.\(service\|socket\|timer\|target\|path\|mount\)$' | grep -v '@\.'; } | sort -u; }

rows() { # -> "UNIT LOAD ACTIVE SUB DESCRIPTION" for each unit that is asked for
  for unit in $(known); do
    set -- $(state_of "$unit")
    [ -z "$states" ] || case ",$states," in *",$1,"* | *",$2,"*) ;; *) continue ;; esac
    [ -z "$types" ] || case ",$types," in *",${unit##*.},"*) ;; *) continue ;; esac
    if [ -n "$patterns" ]; then matches "$unit" || continue; fi
    echo "$unit $(load_of "$unit") $1 $2 $(description_of "$unit")"
  done
}
matches() { for pattern in $patterns; do case $1 in $pattern | $pattern.service) return 0 ;; esac; done; return 1; }

as_json() {
  awk 'function quote(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return "\"" s "\"" }
    { text = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", text)
      printf "%s{\"unit\":%s,\"load\":%s,\"active\":%s,\"sub\":%s,\"description\":%s}", (NR == 1 ? "[" : ","), quote($1), quote($2), quote($3), quote($4), quote(text) }
    END { print (NR == 0 ? "[]" : "]") }'
}

as_table() {
  awk -v plain="$plain" -v legend="$legend" '
    { unit[NR] = $1; load[NR] = $2; active[NR] = $3; sub_[NR] = $4; text = $0
      sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", text); about[NR] = text
      if (length($1) > w1) w1 = length($1); if (length($2) > w2) w2 = length($2)
      if (length($3) > w3) w3 = length($3); if (length($4) > w4) w4 = length($4) }
    END {
      if (legend) { if (w1 < 4) w1 = 4; if (w2 < 4) w2 = 4; if (w3 < 6) w3 = 6; if (w4 < 3) w4 = 3 }
      format = "%-" w1 "s %-" w2 "s %-" w3 "s %-" w4 "s %s\n"; mark = plain ? "" : "  "
      if (legend && NR) printf mark format, "UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"
      for (n = 1; n <= NR; n++) {
        if (!plain) printf "%s", (active[n] == "failed" ? "\342\227\217 " : "  ")
        printf format, unit[n], load[n], active[n], sub_[n], about[n]
      }
      if (legend) {
        if (NR) print "\nLegend: LOAD   \342\206\222 Reflects whether the unit definition was properly loaded.\n        ACTIVE \342\206\222 The high-level unit activation state, i.e. generalization of SUB.\n        SUB    \342\206\222 The low-level unit activation state, values depend on unit type.\n"
        print NR " loaded units listed."
      }
    }'
}

list_units() { if [ "$output" = json ]; then rows | as_json; else rows | as_table; fi; }

enabled() {
  for link in "$units"/*.wants/"$1" "$units"/*.requires/"$1"; do
    if [ -e "$link" ]; then echo enabled; return; fi
  done
  echo linked
}

status() { # UNIT
  unit=$(with_suffix "$1")
  if [ "$(load_of "$unit")" = not-found ] && [ ! -e "$state/$unit" ]; then
    say "Unit $unit could not be found."
    return 4
  fi
  set -- $(state_of "$unit")
  case $1 in active) dot='●' ;; failed) dot='×' ;; *) dot='○' ;; esac
  echo "$dot $unit - $(description_of "$unit")"
  echo "     Loaded: $(load_of "$unit") (/etc/systemd/system/$unit; $(enabled "$unit"); preset: ignored)"
  since=
  [ "$3" = 0 ] || since=" since $(date -d "@$3" '+%a %Y-%m-%d %H:%M:%S %Z'); $(($(date +%s) - $3))s ago"
  result=
  [ "$1" != failed ] || result=" (Result: exit-code)"
  if [ "$1" = failed ]; then echo "     Active: failed$result$since"; else echo "     Active: $1 ($2)$since"; fi
  [ "$1" = active ] || return 3
}

show() { # UNIT
  unit=$(with_suffix "$1")
  set -- $(state_of "$unit")
  result=success
  [ "$1" != failed ] || result=exit-code
  {
    echo "Id=$unit"
    echo "Description=$(description_of "$unit")"
    echo "LoadState=$(load_of "$unit")"
    echo "ActiveState=$1"
    echo "SubState=$2"
    echo "Result=$result"
    echo "FragmentPath=/etc/systemd/system/$unit"
  } | if [ -z "$properties" ]; then cat; else grep -E "^($(echo "$properties" | tr , '|'))="; fi |
    if [ -n "$value" ]; then sed 's/^[^=]*=//'; else cat; fi
}

is_state() { # WANTED UNITS…
  wanted=$1 code=3
  shift
  [ "$wanted" != failed ] || code=1
  for unit; do
    is=$(state_of "$(with_suffix "$unit")")
    [ -n "$quiet" ] || echo "${is%% *}"
    [ "${is%% *}" != "$wanted" ] || code=0
  done
  return "$code"
}

each() { # ACTION UNITS…
  action=$1 code=0
  shift
  [ $# -gt 0 ] || { say "Too few arguments."; return 1; }
  if [ "$(id -u)" != 0 ]; then
    for unit; do say "Failed to ${action%_*} $(with_suffix "$unit"): Access denied"; done
    return 4
  fi
  mkdir -p "$state"
  for unit; do "$action" "$(default_target "$unit")" || code=$?; done
  return "$code"
}

# --- the command line ------------------------------------------------------------------------------

verb= patterns= states= types= output= plain= legend=1 all= quiet= properties= value=
while [ $# -gt 0 ]; do
  case $1 in
  --failed) states=failed ;;
  --state=*) states=${1#*=} ;;
  --state) states=$2; shift ;;
  --type=*) types=${1#*=} ;;
  -t | --type) types=$2; shift ;;
  --output=*) output=${1#*=} ;;
  -o | --output) output=$2; shift ;;
  --property=*) properties=${properties:+$properties,}${1#*=} ;;
  -p | --property) properties=${properties:+$properties,}$2; shift ;;
  --plain) plain=1 ;;
  --no-legend | --legend=false | --legend=no) legend= ;;
  --all | -a) all=1 ;;
  --quiet | -q) quiet=1 ;;
  --value) value=1 ;;
  --version) echo "systemd 257 (miniature)"; exit 0 ;;
  --no-pager | --full | -l | --system | --no-ask-password | --no-block | --wait) ;;
  -*) say "systemctl: unrecognized option '$1'"; exit 1 ;;
  *) if [ -z "$verb" ]; then verb=$1; else patterns="$patterns $1"; fi ;;
  esac
  shift
done
set -- $patterns

case ${verb:-list-units} in
list-units) list_units ;;
is-active) is_state active "$@" ;;
is-failed) is_state failed "$@" ;;
is-enabled) [ "$(enabled "$(with_suffix "$1")")" = enabled ] && echo enabled || { echo disabled; exit 1; } ;;
is-system-running) if any_failed; then echo degraded; exit 1; else echo running; fi ;;
status) if [ $# -eq 0 ]; then list_units; else code=0; for unit; do status "$unit" || code=$?; done; exit "$code"; fi ;;
show) for unit; do show "$unit"; done ;;
cat) for unit; do echo "# /etc/systemd/system/$(with_suffix "$unit")"; cat "$(file_of "$(with_suffix "$unit")")"; done ;;
start | stop | reload) each "$verb" "$@" ;;
restart) each start "$@" ;;
try-restart | reload-or-restart) each try_restart "$@" ;;
reset-failed) for file in $(grep -ls '^failed ' "$state"/*); do rm -f "$file"; done ;;
after-switch) after_switch ;;
daemon-reload | daemon-reexec) ;;
list-jobs) [ -z "$legend" ] || echo "No jobs running." ;;
*) say "Unknown command verb '$verb', did you mean 'status'?"; exit 1 ;;
esac
