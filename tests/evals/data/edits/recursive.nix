{ pkgs, ... }:
rec {
  networking.hostName = "rec";
  networking.domain = "example.net";
  networking.search = [ networking.domain ];
  environment.systemPackages = with pkgs; [ bc ];
  users.motd = "This is ${networking.hostName}.";
}
