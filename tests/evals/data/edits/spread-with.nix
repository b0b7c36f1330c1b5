{ pkgs, ... }: with pkgs; {
  environment.systemPackages = [
    gcc gdb
    cmake   ninja
      meson ];
  programs.neovim = { enable = true; package = neovim-unwrapped; };
  environment.variables = { PAGER = "less"; LESS = "-R"; };
}
