{ config
, lib
, pkgs
, ...
}:

{
  environment.systemPackages =
    [ pkgs.p7zip
      pkgs.unrar
    ];

  services.postgresql =
    { enable  = true;
      package = pkgs.postgresql_16;
      settings.max_connections = 100;
      authentication = lib.mkOverride 10 ''
        local all all trust
      '';
    };
}
