"""A configuration as texts, for what looks into its files."""

from __future__ import annotations

ETC = "/etc/nixos"
MAIN = f"{ETC}/configuration.nix"


class Files:
    """Files of a configuration, all in one directory but for those named by a whole path."""

    def __init__(self, *others: str, **texts: str) -> None:
        """Have Nix files with these texts, and `others`, which are empty."""
        self._texts = {f"{ETC}/{name}.nix": text for name, text in texts.items()}
        self._others = others

    def read(self, file: str) -> str | None:
        """Return the text of a file."""
        return self._texts.get(file)

    def files(self) -> list[str]:
        """Return the Nix files that have a text."""
        return [*self._texts]

    def names(self, directory: str) -> set[str] | None:
        """Return what lies in a directory of these files."""
        below = f"{directory.rstrip('/')}/"
        known = (*self._texts, *self._others)
        return {
            path.removeprefix(below).partition("/")[0] for path in known if path.startswith(below)
        } or None
