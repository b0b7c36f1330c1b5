{ pkgs, ... }:
{
  nixpkgs.overlays = [
    (final: prev: {
      environment.systemPackages = [ prev.hello ];
      htop = prev.htop.override { withSystemd = false; };
      mytools = prev.buildEnv { name = "mytools"; paths = with prev; [ git htop ]; };
    })
  ];
  nixpkgs.config.allowUnfree = false;
  nixpkgs.config.permittedInsecurePackages = [ "openssl-1.1.1w" ];

  environment.systemPackages = with pkgs; [
    mytools
    (htop.overrideAttrs (old: { pname = "htop-vim"; }))
    (python3.withPackages (ps: [ ps.requests ps.numpy ]))
  ];
}
