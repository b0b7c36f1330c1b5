# The files of /etc that the system brings.
{ config, lib, pkgs, ... }:
let
  entries = lib.filter (entry: entry.enable) (builtins.attrValues config.environment.etc);
in
{
  options.environment.etc = lib.mkOption {
    default = { };
    example = lib.literalExpression ''{ example-configuration-file = { source = "/nix/store/.../etc/dir/file.conf.example"; mode = "0440"; }; }'';
    description = "Set of files that have to be linked in {file}`/etc`.";
    type = lib.types.attrsOf (
      lib.types.submodule (
        { name, config, options, ... }:
        {
          options = {
            enable = lib.mkOption {
              type = lib.types.bool;
              default = true;
              description = ''
                Whether this /etc file should be generated. This option allows specific /etc files
                to be disabled.
              '';
            };
            target = lib.mkOption {
              type = lib.types.str;
              default = name;
              description = ''
                Name of symlink (relative to {file}`/etc`). Defaults to the attribute name.
              '';
            };
            text = lib.mkOption {
              type = lib.types.nullOr lib.types.lines;
              default = null;
              description = "Text of the file.";
            };
            source = lib.mkOption {
              type = lib.types.path;
              description = "Path of the source file.";
            };
            mode = lib.mkOption {
              type = lib.types.str;
              default = "symlink";
              example = "0600";
              description = ''
                If set to something else than `symlink`, the file is copied instead of symlinked,
                with the given file mode.
              '';
            };
          };
          config.source = lib.mkIf (config.text != null) (
            lib.mkDerivedConfig options.text (pkgs.writeText "etc-${baseNameOf name}")
          );
        }
      )
    );
  };
  config.system.build.etc = pkgs.runCommand "etc" {
    passthru.targets = map (entry: entry.target) entries;
  } (
    "mkdir -p $out/etc\n"
    + lib.concatMapStrings (entry: ''
      mkdir -p "$out/etc/$(dirname ${lib.escapeShellArg entry.target})"
      ln -s ${lib.escapeShellArg "${entry.source}"} $out/etc/${lib.escapeShellArg entry.target}
    '') entries
  );
}
