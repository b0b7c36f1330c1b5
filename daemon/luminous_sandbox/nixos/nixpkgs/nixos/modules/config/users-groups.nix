# People and groups. Activation notes who is described here, as NixOS does; making the accounts is not
# part of the small system.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.users;

  # What an account is made of: more of it changes the system, as a new shell does.
  spec = lib.mapAttrs (_: user: {
    inherit (user) uid description isNormalUser group extraGroups home createHome;
    shell = toString user.shell;
  }) cfg.users;

  userOptions = { name, config, ... }: {
    options = {
      name = mkOption {
        type = types.passwdEntry types.str;
        default = name;
        defaultText = lib.literalExpression "name";
        description = ''
          The name of the user account. If undefined, the name of the attribute set will be used.
        '';
      };
      description = mkOption {
        type = types.passwdEntry types.str;
        default = "";
        example = "Alice Q. User";
        description = "A short description of the user account, typically the user's full name.";
      };
      uid = mkOption {
        type = types.nullOr types.int;
        default = null;
        description = "The account UID. If the UID is null, a free UID is picked on activation.";
      };
      isNormalUser = mkOption {
        type = types.bool;
        default = false;
        description = "Indicates whether this is an account for a “real” user.";
      };
      isSystemUser = mkOption {
        type = types.bool;
        default = false;
        description = "Indicates if the user is a system user or not.";
      };
      group = mkOption {
        type = types.str;
        default = "";
        description = "The user's primary group.";
      };
      extraGroups = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "The user's auxiliary groups.";
      };
      home = mkOption {
        type = types.passwdEntry types.path;
        default = "/var/empty";
        description = "The user's home directory.";
      };
      createHome = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to create the home directory and ensure ownership as well as permissions to match
          the user.
        '';
      };
      shell = mkOption {
        type = types.nullOr (types.either types.shellPackage (types.passwdEntry types.path));
        default = pkgs.bash;
        defaultText = lib.literalExpression "pkgs.shadow";
        example = lib.literalExpression "pkgs.bashInteractive";
        description = ''
          The path to the user's shell. Can use shell derivations, like `pkgs.bashInteractive`.
        '';
      };
      packages = mkOption {
        type = types.listOf types.package;
        default = [ ];
        example = lib.literalExpression "[ pkgs.firefox pkgs.thunderbird ]";
        description = "The set of packages that should be made available to the user.";
      };
      hashedPassword = mkOption {
        type = types.nullOr (types.passwdEntry types.str);
        default = null;
        description = "Specifies the hashed password for the user.";
      };
      initialPassword = mkOption {
        type = types.nullOr types.str;
        default = null;
        description = ''
          Specifies the initial password for the user, i.e. the password assigned if the user does
          not already exist.
        '';
      };
      openssh.authorizedKeys.keys = mkOption {
        type = types.listOf types.singleLineStr;
        default = [ ];
        description = ''
          A list of verbatim OpenSSH public keys that should be added to the user's authorized keys.
        '';
      };
      linger = mkOption {
        type = types.nullOr types.bool;
        default = null;
        example = true;
        description = "Whether to enable lingering for this user.";
      };
    };
    config = lib.mkIf config.isNormalUser {
      group = lib.mkDefault "users";
      createHome = lib.mkDefault true;
      home = lib.mkDefault "/home/${config.name}";
    };
  };

  groupOptions = { name, ... }: {
    options = {
      name = mkOption {
        type = types.passwdEntry types.str;
        default = name;
        description = ''
          The name of the group. If undefined, the name of the attribute set will be used.
        '';
      };
      gid = mkOption {
        type = types.nullOr types.int;
        default = null;
        description = "The group GID. If the GID is null, a free GID is picked on activation.";
      };
      members = mkOption {
        type = types.listOf (types.passwdEntry types.str);
        default = [ ];
        description = "The user names of the group members, added to the `/etc/group` file.";
      };
    };
  };
in
{
  options.users = {
    mutableUsers = mkOption {
      type = types.bool;
      default = true;
      description = ''
        If set to `true`, you are free to add new users and groups to the system with the ordinary
        `useradd` and `groupadd` commands.
      '';
    };
    defaultUserShell = mkOption {
      type = types.either types.path types.shellPackage;
      default = pkgs.bash;
      defaultText = lib.literalExpression "pkgs.bashInteractive";
      description = "This option defines the default shell assigned to user accounts.";
    };
    users = mkOption {
      default = { };
      type = types.attrsOf (types.submodule userOptions);
      example = {
        alice = {
          uid = 1234;
          description = "Alice Q. User";
          home = "/home/alice";
          createHome = true;
          group = "users";
          extraGroups = [ "wheel" ];
          shell = "/bin/sh";
        };
      };
      description = ''
        Additional user accounts to be created automatically by the system. This can also be used to
        set options for root.
      '';
    };
    groups = mkOption {
      default = { };
      example = { students.gid = 1001; hackers = { }; };
      type = types.attrsOf (types.submodule groupOptions);
      description = "Additional groups to be created automatically by the system.";
    };
  };

  config = {
    users.groups = { users.gid = 100; wheel.gid = 1; };
    users.users.root = {
      uid = 0;
      description = "System administrator";
      home = "/root";
      group = "root";
      isSystemUser = true;
    };
    system.activationScripts.users.text = ''
      mkdir -p /var/lib/nixos
      cp ${pkgs.writeText "users-groups.json" (builtins.toJSON spec)} /var/lib/nixos/declarative-users
    '';
    environment.etc = lib.mkMerge (
      lib.mapAttrsToList (
        name: user: lib.mkIf (user.packages != [ ]) {
          "profiles/per-user/${name}".source = pkgs.buildEnv {
            name = "user-environment";
            paths = user.packages;
            pathsToLink = [ "/bin" "/share" ];
          };
        }
      ) cfg.users
    );
    assertions = lib.concatLists (
      lib.mapAttrsToList (name: user: [
        {
          assertion = lib.xor user.isNormalUser user.isSystemUser;
          message = "Exactly one of users.users.${name}.isSystemUser and users.users.${name}.isNormalUser must be set.\n";
        }
        {
          assertion = user.group != "";
          message = ''
            users.users.${name}.group is unset. This used to default to
            nogroup, but this is unsafe. For example you can create a group
            for this user with:
            users.users.${name}.group = "${name}";
            users.groups.${name} = {};
          '';
        }
      ]) cfg.users
    );
  };
}
