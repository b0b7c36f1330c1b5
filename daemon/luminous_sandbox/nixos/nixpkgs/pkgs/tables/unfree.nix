# Programs whose licences are not free.
{ licenses }:
with licenses;
{
  discord = {
    version = "0.0.110";
    description = "All-in-one cross-platform voice and text chat for gamers";
    homepage = "https://discordapp.com/"; license = unfree;
    programs = [ "discord" "Discord" ]; size = 160; needs = [ "nss" "gtk3" ];
  };
  google-chrome = {
    version = "140.0.7339.185";
    description = "Freeware web browser developed by Google";
    homepage = "https://www.google.com/chrome/browser/"; license = unfree;
    programs = [ "google-chrome-stable" ]; size = 320; needs = [ "nss" "gtk3" "cups" ];
  };
  obsidian = {
    version = "1.9.12";
    description = "Powerful knowledge base that works on top of a local folder of plain text Markdown files";
    homepage = "https://obsidian.md"; license = unfree; size = 140; needs = [ "nss" ];
  };
  slack = {
    version = "4.46.96";
    description = "Desktop client for Slack";
    homepage = "https://slack.com"; license = unfree; size = 150; needs = [ "nss" "gtk3" ];
  };
  spotify = {
    version = "1.2.63.394.g126b0d89";
    description = "Play music from the Spotify music service";
    homepage = "https://www.spotify.com/"; license = unfree; size = 170;
    needs = [ "nss" "gtk3" "ffmpeg" ];
  };
  steam = {
    version = "1.0.0.84";
    description = "Digital distribution platform";
    homepage = "https://store.steampowered.com/"; license = unfreeRedistributable; size = 220;
    needs = [ "glibc" "gtk3" ];
  };
  terraform = {
    version = "1.13.3";
    description = "Tool for building, changing, and versioning infrastructure";
    homepage = "https://www.terraform.io/"; license = bsl11; size = 60;
  };
  vscode = {
    version = "1.104.1";
    description = "Code editor developed by Microsoft";
    homepage = "https://code.visualstudio.com/"; license = unfree;
    programs = [ "code" ]; size = 260; needs = [ "nss" "gtk3" "libxkbcommon" ];
  };
  zoom-us = {
    pname = "zoom"; version = "6.5.7.3298";
    description = "Player for zoom.us video conferencing service";
    homepage = "https://zoom.us/"; license = unfree;
    programs = [ "zoom" "zoom-us" ]; size = 180; needs = [ "nss" ];
  };
}
