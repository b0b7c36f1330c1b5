# What the daemon asks of a configuration. The request is JSON; nothing of it becomes code.
#
#   { mode = "facts"; packages = [ "vim" ]; options = { "services.openssh.enable" = { path = [ … ]; tries = [ true ]; }; }; }
#   { mode = "system"; values = true; also = [ [ "services" "openssh" "ports" ] ]; }     see values.nix
#   { mode = "names"; kind = "packages" | "options"; }
#   { mode = "known"; kind = "packages" | "options"; paths = [ [ "vim" ] ]; }     which of them there are, or their new names
#   { mode = "refusal"; package = [ "vim" ]; }     fails with the message of nixpkgs itself
#   { mode = "removal"; option = [ "sound" "enable" ]; }     fails with what to do without the option
#   { mode = "description"; packages = [ … ]; options = { … }; values = true; }     see description.nix
#   { mode = "source"; }                           of a flake alone
#
# Of a flake it is asked with `flake = { url = …; name = …; seen = [ "luminous.nix" ]; }` beside that.
# Its answer then stands beside where Nix has the flake's files (`source`), and digests of those in
# `seen` as Nix sees them.
{ request }:

let
  inherit (builtins)
    all any attrNames concatLists concatStringsSep deepSeq elem elemAt filter fromJSON head isAttrs
    isBool isFloat isFunction isInt isList isPath isString length listToAttrs map mapAttrs tail
    toString trace tryEval unsafeDiscardStringContext;
  inherit (builtins) getFlake hashFile pathExists;

  ask = fromJSON request;

  isFlake = ask ? flake;
  flake = getFlake ask.flake.url;
  machines = flake.nixosConfigurations or { };
  nixos =
    if isFlake then machines.${ask.flake.name} or (throw "The flake has no nixosConfigurations.${ask.flake.name}. It has: ${concatStringsSep ", " (attrNames machines)}.")
    else import <nixpkgs/nixos> { configuration = { imports = [ <nixos-config> ]; }; };
  inherit (nixos) config options pkgs;

  attempt = fallback: value: let tried = tryEval value; in if tried.success then tried.value else fallback;
  text = value: unsafeDiscardStringContext (toString value);
  isOption = value: isAttrs value && (value._type or "") == "option";
  isDerivation = value: isAttrs value && (value.type or "") == "derivation";
  optionsNamed = names: listToAttrs (map (name: { inherit name; value = describe name; }) (attrNames names));

  # Plain data for JSON, or null with `plain = false` where a value is none (a package, a function).
  none = { plain = false; value = null; };
  plainly = depth: value:
    if isBool value || isInt value || isFloat value || value == null then { plain = true; inherit value; }
    else if isString value then { plain = true; value = text value; }
    else if isPath value then { plain = true; value = toString value; }
    else if depth == 0 || isDerivation value || isFunction value then none
    else if isList value then
      let items = map (plainly (depth - 1)) value;
      in if all (item: item.plain) items then { plain = true; value = map (item: item.value) items; } else none
    else if isAttrs value then
      let fields = mapAttrs (_: plainly (depth - 1)) value;
      in if all (name: fields.${name}.plain) (attrNames fields) then { plain = true; value = mapAttrs (_: field: field.value) fields; } else none
    else none;
  plain = value: let tried = tryEval (let found = plainly 4 value; in deepSeq found found); in if tried.success then tried.value else none;

  # The option or the type that a path leads to: through option sets, attribute sets of
  # submodules (users.users.alice.shell) and free keys (nix.settings.max-jobs).
  anyValue = { name = "anything"; description = "anything"; check = _: true; };
  walk = node: path:
    if isOption node then inType node (node.type or anyValue) path
    else if path == [ ] || !(isAttrs node) || !(node ? ${head path}) then null
    else walk node.${head path} (tail path);
  inType = option: type: path:
    if path == [ ] then { inherit option type; }
    else if elem (type.name or "") [ "anything" "attrs" "raw" "unspecified" "nixpkgs-config" ] then { inherit option; type = anyValue; }
    else if elem (type.name or "") [ "nullOr" "uniq" "unique" ] && type ? nestedTypes.elemType then inType option type.nestedTypes.elemType path
    else if elem (type.name or "") [ "attrsOf" "lazyAttrsOf" ] then inType option (type.nestedTypes.elemType or anyValue) (tail path)
    else if (type.name or "") == "submodule" || (type.name or "") == "deferredModule" then
      let
        inside = walk (removeAttrs (type.getSubOptions [ ]) [ "_module" "_freeformOptions" ]) path;
        free = type.nestedTypes.freeformType or null;
      in if inside != null then inside
         else if free != null then inType option free path
         else null
    else null;

  outermost = node: path:
    if isOption node then { option = node; rest = path; } else outermost node.${head path} (tail path);
  # Whether a raw definition says something about a path; conditions are taken as met.
  hasPath = value: path:
    if path == [ ] then !(isAttrs value && (value._type or "") == "override" && value.priority > 100)
    else if !(isAttrs value) then false
    else if elem (value._type or "") [ "if" "override" "order" ] then hasPath value.content path
    else if (value._type or "") == "merge" then any (content: hasPath content path) value.contents
    else value ? ${head path} && hasPath value.${head path} (tail path);

  valueAt = set: path:
    if path == [ ] then plain set
    else if isAttrs set && set ? ${head path} then
      let next = tryEval set.${head path}; in if next.success then valueAt next.value (tail path) else none
    else none;

  # A package's name in a value to try stands for the package.
  realise = value:
    if isAttrs value && attrNames value == [ "package" ] then packageAt (filter isString (builtins.split "\\." value.package))
    else if isList value then map realise value
    else if isAttrs value then mapAttrs (_: realise) value
    else value;
  packageAt = path: attempt null (let go = set: rest: if rest == [ ] then set else if isAttrs set && set ? ${head rest} then go set.${head rest} (tail rest) else null; in go pkgs path);

  # `check` of a list or set only looks at the outside; its items are looked at here.
  fits = type: value:
    attempt false (type.check value) && (
      if elem (type.name or "") [ "listOf" ] && isList value then all (fits (type.nestedTypes.elemType or anyValue)) value
      else if elem (type.name or "") [ "attrsOf" "lazyAttrsOf" ] && isAttrs value then all (name: fits (type.nestedTypes.elemType or anyValue) value.${name}) (attrNames value)
      else if (type.name or "") == "nullOr" && value != null then fits (type.nestedTypes.elemType or anyValue) value
      else true);
  # A name that no package has fits nothing; `realise` makes it null, which some types take.
  isThere = value:
    if isAttrs value && attrNames value == [ "package" ] then isDerivation (realise value)
    else if isList value then all isThere value
    else if isAttrs value then all (name: isThere value.${name}) (attrNames value)
    else true;
  firstFit = type: tries: index:
    if index >= length tries then -1
    else if attempt false (isThere (elemAt tries index)) && fits type (realise (elemAt tries index)) then index
    else firstFit type tries (index + 1);

  exampleOf = option:
    let example = option.example or (option.default or null); found = plain example;
    in if isAttrs example && example ? text then text example.text
       else if example == null then ""
       else if found.plain then builtins.toJSON found.value
       else "";
  prose = value: if isAttrs value then text (value.text or "") else text value;

  # An option that is hidden and forwards has a new name; one that is hidden and throws when it is
  # read has gone (`mkRenamedOptionModule` and `mkRemovedOptionModule` of nixpkgs's library).
  isHidden = option: (option.visible or true) == false;
  newNameOf = option:
    let found = builtins.match "Alias of [{]option[}]`([^`]*)`[.]" (attempt "" (prose (option.description or "")));
    in if isHidden option && found != null then head found else "";
  isGone = option: isHidden option && option ? apply && !(option ? description) && !(option ? default);

  # What the option NAME.package gives beside NAME.enable, in words: `pkgs.vim`.
  packageOf = module: attempt "" (
    let words = module.package.defaultText or "";
    in if isAttrs module && isOption (module.enable or null) && isOption (module.package or null)
       then text (if isAttrs words then words.text or "" else words) else "");
  isUntouched = option: attempt false ((option.highestPrio or 1500) >= 1500);
  rooms = [ "programs" "services" "virtualisation" "hardware" "networking" "security" ];
  modules = concatLists (map (room: map (name: { path = [ room name ]; module = options.${room}.${name}; })
    (attrNames (removeAttrs (options.${room} or { }) [ "_module" ]))) rooms);
  # The switches of modules that bring in one package before all others.
  switchesOf = path: map (found: rec { path = found.path ++ [ "enable" ]; option = describeOption path [ true ]; })
    (filter (found: packageOf found.module == "pkgs.${concatStringsSep "." path}" && isUntouched found.module.package) modules);
  # The package that a switch's module brings in.
  broughtBy = path:
    let module = attempt null (let go = set: rest: if tail rest == [ ] then set else go set.${head rest} (tail rest); in go options path);
        words = if module == null then "" else packageOf module;
    in if words != "" && isUntouched module.package && builtins.match "pkgs[.][A-Za-z0-9_.+-]+" words != null
       then builtins.substring 5 300 words else "";

  describe = name: describeOption ask.options.${name}.path ask.options.${name}.tries;
  describeOption = path: tries:
    let
      isPackages = path == [ "environment" "systemPackages" ];
      found = attempt null (walk options path);
      value = valueAt config path;
      # The option that the path leads into, and what of the path lies inside its value.
      outer = outermost options path;
      holding = filter (definition: hasPath definition.value outer.rest) (attempt [ ] (outer.option.definitionsWithLocations or [ ]));
      # What only suggests a value (mkDefault, 1000, and defaults, 1500) gives way to a plain one.
      isSuggested = attempt 1500 (outer.option.highestPrio or 1500) > 100;
      definitions = if isSuggested then [ ] else map (definition: definition.file) holding;
    in
    if found == null then { exists = false; }
    else {
      exists = true;
      type = found.type.name or "";
      typeDescription = attempt "" (text (found.type.description or ""));
      example = attempt "" (exampleOf found.option);
      description = attempt "" (prose (found.option.description or ""));
      value = if isPackages then null else value.value;
      plain = !isPackages && value.plain;
      defined = holding != [ ];
      readOnly = found.option.readOnly or false;
      files = map text definitions;
      fitting = firstFit found.type tries 0;
      renamedTo = if outer.rest == [ ] then newNameOf outer.option else "";
      gone = outer.rest == [ ] && isGone outer.option;
      package = if tries == [ true ] && found.type.name or "" == "bool" then broughtBy path else "";
    };

  licencesOf = meta: let licences = meta.license or [ ]; in if isList licences then licences else [ licences ];
  licenceName = licence: if isAttrs licence then licence.fullName or licence.shortName or "unfree" else toString licence;
  isUnfree = meta: any (licence: isAttrs licence && !(licence.free or true)) (licencesOf meta);

  nameOf = package: package.pname or (builtins.parseDrvName (package.name or "")).name;
  versionOf = package: package.version or (builtins.parseDrvName (package.name or "")).version;
  installed = map (package: nameOf package) (filter isDerivation (attempt [ ] config.environment.systemPackages));
  # The files whose lists bring a package in.
  filesWith = name: map (definition: text definition.file) (filter
    (definition: attempt false (isList definition.value && any (package: isDerivation package && nameOf package == name) definition.value))
    options.environment.systemPackages.definitionsWithLocations);

  describePackage = path:
    let
      present = attempt true (let go = set: rest: rest == [ ] || (isAttrs set && set ? ${head rest} && go set.${head rest} (tail rest)); in go pkgs path);
      package = packageAt path;
      meta = package.meta or { };
      vulnerabilities = meta.knownVulnerabilities or [ ];
      evaluates = (tryEval (builtins.seq package.drvPath true)).success;
    in
    if !present then { availability = "unknown"; }
    else if !(isDerivation package) then { availability = if package == null then "refused" else "unknown"; }
    else {
      name = text (nameOf package);
      version = text (versionOf package);
      fullName = text (package.name or "");
      installed = elem (nameOf package) installed;
      files = filesWith (nameOf package);
      switches = switchesOf path;
      availability =
        if evaluates then "available"
        else if meta.broken or false then "broken"
        else if vulnerabilities != [ ] then "insecure"
        else if isUnfree meta then "unfree"
        else if meta.unsupported or false then "unsupported"
        else "refused";
      reason =
        if vulnerabilities != [ ] then concatStringsSep "; " (map toString vulnerabilities)
        else concatStringsSep ", " (map licenceName (filter (licence: isAttrs licence && !(licence.free or true)) (licencesOf meta)));
    };

  # The files with Luminous's mark: a copy of its file elsewhere has it too.
  imported = map (definition: text definition.file) (filter
    (definition: isAttrs definition.value && definition.value ? luminous)
    options._module.args.definitionsWithLocations);

  facts = {
    inherit imported;
    packages = map describePackage ask.packages;
    options = optionsNamed ask.options;
  };

  # Reading values can fail in ways that nothing here can catch; the daemon sees how far it came.
  system = if !(ask.values or false) then whole else deepSeq whole (whole
    // trace "luminous: reading the values of options" (import ./values.nix { inherit nixos; also = ask.also; }));
  whole = {
    inherit imported;
    derivation = text config.system.build.toplevel.drvPath;
    toplevel = text config.system.build.toplevel.outPath;
    packages = map (package: { name = text (nameOf package); version = text (versionOf package); path = text package.outPath; }) (filter isDerivation config.environment.systemPackages);
    units = unitsIn config.systemd.units;
    userUnits = unitsIn (config.systemd.user.units or { });
    inhibitors = mapAttrs (_: text) (attempt { } (config.system.switch.inhibitors or { }));
    bootPartition = attempt "" (with config.boot.loader; text (
      if systemd-boot.enable or false && systemd-boot.xbootldrMountPoint or null != null then systemd-boot.xbootldrMountPoint
      else if systemd-boot.enable or false then efi.efiSysMountPoint
      else ""));
    boot = {
      kernel = text (config.system.build.kernel or config.boot.kernelPackages.kernel or "");
      initrd = text (config.system.build.initialRamdisk or "");
      parameters = concatStringsSep " " (map toString (config.boot.kernelParams or [ ]));
    };
  };

  unitsIn = units: mapAttrs (_: unit: {
    text = text (unit.text or "");
    wanted = (unit.wantedBy or [ ]) != [ ] || (unit.requiredBy or [ ]) != [ ];
  }) (listToAttrs (map (name: { inherit name; value = units.${name}; })
    (filter (name: (units.${name}.enable or true) && (units.${name}.text or null) != null) (attrNames units))));

  optionNames = prefix: set: concatLists (map (name:
    let node = attempt null set.${name}; path = if prefix == "" then name else "${prefix}.${name}";
    in if node == null || name == "_module" then [ ]
       else if isOption node then [ path ]
       else if isAttrs node then optionNames path node
       else [ ]) (attrNames set));

  names = if ask.kind == "packages" then attrNames pkgs else optionNames "" options;

  removal = text ((walk options ask.option).option.apply null);

  known = map (path:
    let found = attempt null (walk options path);
    in if ask.kind == "packages" then isDerivation (packageAt path)
       else if found == null then false
       else if newNameOf found.option != "" then newNameOf found.option
       else !(isGone found.option)) ask.paths;

  refusal = let go = set: rest: if rest == [ ] then set.drvPath else go set.${head rest} (tail rest); in text (go pkgs ask.package);

  description = import ./description.nix {
    inherit ask nixos walk outermost hasPath describePackage packageAt licencesOf licenceName isUnfree isGone;
  };

  answer = { inherit facts system names known refusal removal description source; }.${ask.mode};
  source = text flake.sourceInfo.outPath;
  digestOf = file: if pathExists "${source}/${file}" then hashFile "sha256" "${source}/${file}" else "";
in
if isFlake then { inherit answer source; seen = map digestOf ask.flake.seen; }
else answer
