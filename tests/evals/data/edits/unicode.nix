{ pkgs, ... }:
{
  # Rechner für Müller & Söhne – Küche ☕
  networking.hostName = "kueche";
  users.users."jörg".description = "Jörg Müller 🦊";
  environment.systemPackages = with pkgs; [
    hunspell # für Deutsch: „ä ö ü ß“
    aspell
  ];
  services.getty.helpLine = "Grüße aus der Küche\n→ 日本語";
}
