# Builds a derivation: one command when it is given, else the usual phases.
export PATH="$seed/bin" HOME=/build TMPDIR="${TMPDIR:-/build}"

phase() {
  printf 'Running phase: %s\n' "$1"
  # For programs that show the phase: Nix reads it on this descriptor.
  [ -z "${NIX_LOG_FD:-}" ] || printf '@nix { "action": "setPhase", "phase": "%s" }\n' "$1" >&"$NIX_LOG_FD"
  eval "$2"
}

unpack() {
  if [ -d "$src" ]; then cp -r "$src" source; chmod -R u+w source; else mkdir source; tar -xf "$src" -C source; fi
  cd source
}

if [ -n "${buildCommandPath:-}" ]; then
  . "$buildCommandPath"
elif [ -n "${buildCommand:-}" ]; then
  eval "$buildCommand"
else
  [ -z "${src:-}" ] || phase unpackPhase "${unpackPhase:-unpack}"
  [ -z "${buildPhase:-}" ] || phase buildPhase "$buildPhase"
  [ -z "${checkPhase:-}" ] || phase checkPhase "$checkPhase"
  phase installPhase "${installPhase:-mkdir -p "$out"}"
fi
