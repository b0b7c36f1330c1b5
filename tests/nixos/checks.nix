# What `nix flake check` looks at besides the machines: the closures, the code, the options' page.
{ pkgs }:
let
  inherit (pkgs) lib;
  checkout = ../..;
  luminous = pkgs.callPackage ../../nixos-module/package.nix { };
  module = lib.evalModules {
    modules = [
      ../../nixos-module
      { _module.args.pkgs = pkgs; _module.check = false; }
    ];
  };
  options = pkgs.nixosOptionsDoc { options = builtins.removeAttrs module.options [ "_module" ]; };
  machine = pkgs.nixos {
    imports = [ ../../nixos-module ];
    services.luminous.enable = true;
    services.luminous.users = [ "alice" ];
    users.users.alice.isNormalUser = true;
    boot.loader.grub.device = "nodev";
    fileSystems."/".device = "/dev/sda1";
    system.stateVersion = lib.trivial.release;
  };
  check = name: inputs: script: pkgs.runCommand "luminous-${name}" { nativeBuildInputs = inputs; } ''
    ${script}
    touch $out
  '';
  # None of it belongs into a process of root.
  heavy = [
    "aiohttp" "beautifulsoup4" "hnswlib" "httpx" "llama-cpp" "numpy" "onnxruntime" "peft" "requests"
    "scrapy" "sentence-transformers" "starlette" "tokenizers" "torch" "transformers" "urllib3" "uvicorn"
  ];
in
{
  package = luminous.luminous;

  package-mind = luminous.luminous-mind;

  closure = check "closure" [ ] ''
    list=${pkgs.closureInfo { rootPaths = [ luminous.luminousd ]; }}/store-paths
    if grep -E -- '-(${lib.concatStringsSep "|" heavy})-[0-9]' $list; then
      echo "The daemon's closure holds what does not belong into a process of root." >&2
      exit 1
    fi
    if grep -E -- '-(rich|jeepney)-[0-9]' $list; then
      echo "The daemon's closure holds what only the clients need." >&2
      exit 1
    fi
    if grep -E -- '-(${lib.concatStringsSep "|" heavy})-[0-9]' ${pkgs.closureInfo { rootPaths = [ luminous.luminous ]; }}/store-paths; then
      echo "What searches is not to come with the others." >&2
      exit 1
    fi
  '';

  lint = check "lint" [ pkgs.ruff ] "ruff check --no-cache --select E,F,W,I ${checkout}/daemon ${checkout}/clients";

  unit = luminous.luminousd.overridePythonAttrs {
    doCheck = true;
    nativeCheckInputs = with pkgs.python3Packages; [ hypothesis jeepney pytestCheckHook pytest-timeout pytest-xdist rich ];
    preCheck = "export PYTHONPATH=daemon:clients:$PYTHONPATH; cp -r ${../../tests} tests";
    enabledTestPaths = [ "tests/unit/luminous_daemon" "tests/unit/luminous_protocol" "tests/unit/luminous_clients" ];
  };

  module = check "module" [ ] ''
    echo ${builtins.unsafeDiscardStringContext machine.config.system.build.toplevel.drvPath}
  '';

  # Types are told in other words by other releases.
  options-documentation = check "options-documentation" [ pkgs.python3 ] ''
    python3 ${../../setup/options.py} ${options.optionsJSON}/share/doc/nixos/options.json \
      | grep -v '^\* Type: ' >options.md
    grep -v '^\* Type: ' ${../../nixos-module/options.md} | diff - options.md
  '';
}
