# Links what the chosen packages hold below the wanted folders into one tree. Of two packages with
# the same file the one with the lower priority number wins; with equal numbers, it is a collision.
mkdir -p "$out"
sort -s -n -k1,1 "$chosenPath" >ranked

link() { # PRIORITY FILE PLACE
  target=$out/$3
  if [ ! -e "$target" ] && [ ! -L "$target" ]; then
    mkdir -p "${target%/*}"
    ln -s "$2" "$target"
    echo "$1" >"priorities/$(echo "$3" | tr / %)"
    return
  fi
  there=$(readlink "$target")
  if [ "$there" = "$2" ] || [ "$(readlink -f "$there")" = "$(readlink -f "$2")" ]; then return; fi
  if [ "$(cat "priorities/$(echo "$3" | tr / %)")" != "$1" ] || cmp -s "$there" "$2"; then return; fi
  if [ -n "$ignoreCollisions" ]; then
    echo "warning: collision between '$2' and '$there'" >&2
  else
    echo "error: collision between '$2' and '$there'" >&2
    exit 1
  fi
}

mkdir priorities
while read -r rank package; do
  for wanted in $pathsToLink; do
    folder=$package/${wanted#/}
    [ -e "$folder" ] || continue
    find -L "${folder%/}" ! -type d | sort >files
    while read -r file; do link "$rank" "$file" "${file#"$package"/}"; done <files
  done
done <ranked
eval "$postBuild"
