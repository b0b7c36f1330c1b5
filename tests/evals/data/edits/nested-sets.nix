{ pkgs, ... }: {
  environment = {
    systemPackages = with pkgs; [
      aria2

      # downloads
      yt-dlp
    ];
    variables.EDITOR = "vim";
    shells = [ pkgs.zsh ];
  };
  services = {
    xserver = {
      enable = true;
      xkb = { layout = "us"; variant = ""; };
    };
    pipewire = {
      enable = true;
      alsa.enable = true;
    };
  };
  hardware = { bluetooth.enable = false; };
}
