# A list that several machines import.
pkgs: with pkgs; [
  git
  htop
]
