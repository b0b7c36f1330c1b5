"""A small index: some options, packages and a passage, as the real ones are."""

from __future__ import annotations

from luminous_mind.ingest.pipeline import build
from luminous_mind.knowledge.documents import MANUAL, OPTION, PACKAGE, Document
from luminous_mind.knowledge.retriever import EVERYTHING, Retriever
from luminous_protocol.passages import SearchRequest

OPTIONS = {
    "services.caddy.enable": "Whether to enable Caddy web server.",
    "services.caddy.virtualHosts": "Declarative specification of virtual hosts served by Caddy.",
    "services.vaultwarden.enable": "Whether to enable Vaultwarden.",
    "services.openssh.enable": "Whether to enable the OpenSSH secure shell daemon.",
    "services.openssh.openFirewall": "Whether to automatically open the specified ports.",
    "networking.firewall.enable": "Whether to enable the firewall.",
    "networking.firewall.allowedTCPPorts": "List of TCP ports on which connections are accepted.",
    "networking.hostName": "The name of the machine.",
    "hardware.bluetooth.enable": "Whether to enable support for Bluetooth.",
    "users.users.<name>.extraGroups": "The user's auxiliary groups.",
    "boot.loader.systemd-boot.enable": "Whether to enable the systemd-boot EFI boot manager.",
}
PACKAGES = {
    "caddy": "Fast and extensible multi-platform HTTP web server with automatic HTTPS",
    "vaultwarden": "Unofficial Bitwarden compatible server written in Rust",
    "keepassxc": "Offline password manager with many features",
    "firefox": "Web browser built from Firefox source tree",
    "firefox-unwrapped": "Web browser built from Firefox source tree",
    "vlc": "Cross-platform media player and streaming server",
    "tailscale": "Node agent for Tailscale, a mesh VPN built on WireGuard",
    "haskellPackages.video": "A library for videos",
    "python313Packages.caddy": "A client of Caddy's interface",
    "git": "Distributed version control system",
    "ruby": "Object-oriented language for quick and easy programming",
    "ruby_3_2": "Object-oriented language for quick and easy programming",
    "rubyPackages.csv": "A library to read tables",
}
PASSAGES = {
    "nixos-manual/firewall#1": (
        "Firewall",
        "Open ports with networking.firewall.allowedTCPPorts. To see it: pkgs.nmap",
    ),
    "nixos-manual/boot#1": ("Boot loader", "Use boot.loader.systemd-boot.enable on EFI machines."),
}


def documents() -> list[Document]:
    """Return all of them."""
    return [
        *(Document(f"option:{name}", OPTION, name, text, name) for name, text in OPTIONS.items()),
        *(
            Document(f"package:{name}", PACKAGE, name, text, name, facts=_facts(name))
            for name, text in PACKAGES.items()
        ),
        *(
            Document(f"manual:{name}", MANUAL, name, text, title, "nixos-manual")
            for name, (title, text) in PASSAGES.items()
        ),
    ]


def _facts(name: str) -> dict[str, str]:
    versions = {"ruby": "3.3.9", "ruby_3_2": "3.2.9"}
    return {"pname": name.partition("_")[0], "version": versions.get(name, "1.0")}


def retriever(parts: frozenset[str] = EVERYTHING) -> Retriever:
    """Index them."""
    return Retriever(build(documents(), lambda _: None), parts=parts)


def found(query: str, *kinds: str, by: Retriever | None = None) -> list[str]:
    """Return the ids that a query finds."""
    return [item.id for item in (by or retriever()).search(SearchRequest(query, kinds))]
