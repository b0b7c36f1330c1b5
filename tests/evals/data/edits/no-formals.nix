args: {
  environment.systemPackages = [ args.pkgs.mc ];
  services.cron.enable = true;
}
