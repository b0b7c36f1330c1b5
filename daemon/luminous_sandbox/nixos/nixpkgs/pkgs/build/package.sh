# Puts together a package out of its facts: programs that say who they are, libraries, a manual page
# for each program, and the data that gives it its size.
into() { eval "echo \"\${$1:-$out}\""; }
main=${out:-}
bin=$(into bin) lib=$(into lib) man=$(into man)

program() {
  mkdir -p "$bin/bin" "$man/share/man/man1"
  cat >"$bin/bin/$1" <<PROGRAM
#!$seed/bin/sh
case "\${1-}" in
--version | -V) echo "$1 $version" ;;
--help | -h) printf '%s\n' "Usage: $1 [--version | --help]" "$description" ;;
*)
  ${host:+[ ! -x "$host" ] || exec "$host" "\$@"}
  echo "${says:-$1 $version}"
  ;;
esac
PROGRAM
  chmod +x "$bin/bin/$1"
  printf '.TH %s 1 "" "%s %s"\n.SH NAME\n%s \\- %s\n' "$1" "$pname" "$version" "$1" "$description" \
    >"$man/share/man/man1/$1.1"
}

library() {
  mkdir -p "$lib/lib"
  printf '%s %s\n' "$1" "$version" >"$lib/lib/lib$1.so.${version%%.*}"
  ln -s "lib$1.so.${version%%.*}" "$lib/lib/lib$1.so"
  [ -z "${dev:-}" ] || { mkdir -p "$dev/include"; echo "/* $1 $version */" >"$dev/include/$1.h"; }
}

for name in $programs; do program "$name"; done
for name in $libraries; do library "$name"; done

# What the package needs at run time, written where Nix finds the references.
holder=$lib
[ -z "$libraries" ] && [ -n "$programs" ] && holder=$bin
mkdir -p "$holder/lib/$pname"
for need in $needs; do echo "$need"; done >"$holder/lib/$pname/needs"
head -c "${size}k" /dev/zero >"$holder/lib/$pname/data"
for output in $outputs; do eval "mkdir -p \"\$$output\""; done
