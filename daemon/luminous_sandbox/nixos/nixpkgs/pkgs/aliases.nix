# Old names: some still work and say what to write instead, some only say why they are gone.
{ lib, pkgs, ... }:
let
  renamed = old: new: throw "'${old}' has been renamed to/replaced by '${new}'";
  removed = name: reason: throw "'${name}' has been removed ${reason}";
  soon = message: package: lib.warn message package;
in
{
  ag = pkgs.silver-searcher;
  nixfmt-rfc-style = soon "nixfmt-rfc-style is now the same as pkgs.nixfmt which should be used instead." pkgs.nixfmt;
  vimHuge = soon "'vimHuge' has been renamed to 'vim'; the old name will stop working." pkgs.vim;

  bluezFull = renamed "bluezFull" "bluez";
  chromium-browser = renamed "chromium-browser" "chromium";
  gitAndTools = renamed "gitAndTools" "git";
  google-chrome-stable = renamed "google-chrome-stable" "google-chrome";
  lazy-git = renamed "lazy-git" "lazygit";
  tdesktop = renamed "tdesktop" "telegram-desktop";
  youtube-dl = removed "youtube-dl" "because it is unmaintained. Consider using 'yt-dlp' instead";

  exa = removed "exa" "because it is unmaintained upstream. Consider using 'eza', a maintained fork";
  neofetch = removed "neofetch" "because it is unmaintained upstream. Consider using 'fastfetch' instead";
  nodejs_18 = throw "Node.js 18.x has reached End-Of-Life and has been removed";
  thefuck = removed "thefuck" "due to lack of maintenance upstream and incompatibility with Python 3.12. Consider using 'pay-respects' instead";
  transmission = throw "transmission has been renamed to transmission_3 since transmission_4 is also available. Note that upgrade caused data loss for some users so backup is recommended (see NixOS 24.11 release notes for details)";
}
