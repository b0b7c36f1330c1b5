{ config, pkgs, ... }:
{
  programs.bash.interactiveShellInit = ''
    environment.systemPackages = [ htop ];
    echo "''${HOME} ''$ ''' ${pkgs.hello}/bin/hello ''\n"
    alias ll='ls -l ]'
  '';
  environment.shellAliases.pk = "echo environment.systemPackages = [ pkgs.htop ];";
  environment.variables = {
    QUOTE = "a \"quoted\" } ] text ${"in ${"nested"} out"}";
    DOLLAR = "$\{not} $$ \${HOME}";
  };
  environment.systemPackages = [
    (pkgs.writeShellScriptBin "up" ''
      exec nixos-rebuild switch # htop ]
    '')
    (pkgs.writeTextFile { name = "htop"; text = "htop"; })
  ];
  services.getty.greetingLine = "Welcome to ''quotes''";
}
