# What a NixOS module, or a flake with modules in it, says: evaluated alone, without nixpkgs.
#
# The library is a small one of its own. Packages, the machine's configuration and everything else
# that a module is given are marks: sets that have every word of the file as an attribute and know
# where they come from. `mkIf` and its like stay in the answer, for the judge to read. Functions
# that take the arguments of a module are called with them.
#
#   { file = "/…/a.nix"; words = [ "git" … ]; whole = true; deep = true; lists = false; }
#
# `whole`: modules get all arguments, not only those that they name. `deep`: other functions are
# called too, with a mark, so that what they return is seen. `lists`: what the configuration calls
# by the name of a list (`cfg.packages`) is an empty one. The answer holds the file twice: with
# every condition that is not known met (`met`), and with none (`unmet`).
{ request }:

let
  inherit (builtins)
    attrNames attrValues concatLists concatMap concatStringsSep elem elemAt filter foldl' fromJSON
    functionArgs genList getAttr head intersectAttrs isAttrs isBool isFunction isInt isList isPath isString
    length listToAttrs map mapAttrs match removeAttrs scopedImport stringLength substring tail
    toString unsafeDiscardStringContext;

  ask = fromJSON request;
  genAttrs = names: make: listToAttrs (map (name: { inherit name; value = make name; }) names);
  words = filter (word: !(elem word [ "outPath" "__toString" "__functor" "lib" ])) ask.words;

  evaluate = world:
    let
      holds = condition: if isBool condition then condition else world;
      isSwitch = word: match "enable.*|(is|has|use|with|allow|want)[A-Z].*|.*Enabled?" word != null;

      # Where it comes from, and what it was applied to.
      mark = path: applied:
        let root = head path; at = word: mark (path ++ [ word ]) applied; in
        genAttrs (if root == "pkgs" then packageWords else words) (word:
          if isSwitch word && elem root [ "config" "osConfig" ] then world
          else if ask.lists && root == "config" && match "extra.*|.*([pP]ackages|[pP]orts|[gG]roups|[mM]odules|[nN]ames|[aA]ddresses|[lL]ist)" word != null then [ ]
          else at word)
        // {
          inherit lib;
          __mark = path;
          __applied = applied;
          __toString = _: "<${concatStringsSep "." path}>";
          __functor = _: argument: mark path (applied ++ [ argument ]);
        };
      # Inside of `with pkgs;`, what the library of the file's `with lib;` gives is not a package.
      packageWords = filter (word: !(elem word [
        "mkIf" "mkMerge" "mkForce" "mkDefault" "mkBefore" "mkAfter" "mkOverride" "mkOption"
        "mkEnableOption" "types" "optional" "optionals" "optionalAttrs" "optionalString"
      ])) words;
      pkgs = mark [ "pkgs" ] [ ];

      override = priority: content: { __kind = "override"; inherit priority content; };
      order = priority: content: { __kind = "order"; inherit priority content; };
      unique = foldl' (found: item: if elem item found then found else found ++ [ item ]) [ ];
      flatten = value: if isList value then concatMap flatten value else [ value ];
      recursiveUpdate = left: right:
        left // mapAttrs (name: value: if left ? ${name} && isAttrs left.${name} && isAttrs value && !(value ? __mark) && !(value ? __kind) then recursiveUpdate left.${name} value else value) right;
      hasPrefix = start: text: substring 0 (stringLength start) text == start;
      hasSuffix = end: text: let rest = stringLength text - stringLength end; in rest >= 0 && substring rest (-1) text == end;
      nameOf = value: if isAttrs value && value ? __mark then elemAt value.__mark (length value.__mark - 1) else value.name or (toString value);

      library = builtins // {
        inherit genAttrs unique flatten recursiveUpdate hasPrefix hasSuffix override;
        mkIf = condition: content: { __kind = "if"; condition = holds condition; inherit content; };
        mkMerge = contents: { __kind = "merge"; inherit contents; };
        mkOverride = override;
        mkVMOverride = override 10;
        mkForce = override 50;
        mkImageMediaOverride = override 60;
        mkDefault = override 1000;
        mkOptionDefault = override 1500;
        mkOrder = order;
        mkBefore = order 500;
        mkAfter = order 1500;
        mkAssert = _: _: content: content;
        mkOption = declared: { __kind = "option"; inherit declared; };
        mkEnableOption = name: { __kind = "option"; declared = { inherit name; }; };
        mkPackageOption = _: name: declared: { __kind = "option"; declared = declared // { package = name; }; };
        optional = condition: item: if holds condition then [ item ] else [ ];
        optionals = condition: items: if holds condition then items else [ ];
        optionalAttrs = condition: attributes: if holds condition then attributes else { };
        optionalString = condition: text: if holds condition then text else "";
        singleton = item: [ item ];
        id = value: value;
        const = value: _: value;
        remove = item: filter (other: other != item);
        subtractLists = gone: filter (item: !(elem item gone));
        last = list: elemAt list (length list - 1);
        take = count: list: genList (elemAt list) (if count < length list then count else length list);
        range = first: final: genList (index: first + index) (if final < first then 0 else final - first + 1);
        imap0 = make: list: genList (index: make index (elemAt list index)) (length list);
        imap1 = make: list: genList (index: make (index + 1) (elemAt list index)) (length list);
        nameValuePair = name: value: { inherit name value; };
        mapAttrs' = make: set: listToAttrs (map (name: make name set.${name}) (attrNames set));
        mapAttrsToList = make: set: map (name: make name set.${name}) (attrNames set);
        filterAttrs = keep: set: removeAttrs set (filter (name: !(keep name set.${name})) (attrNames set));
        attrByPath = path: fallback: set: if path == [ ] then set else if set ? ${head path} then library.attrByPath (tail path) fallback set.${head path} else fallback;
        setAttrByPath = path: value: if path == [ ] then value else { ${head path} = library.setAttrByPath (tail path) value; };
        mergeAttrs = left: right: left // right;
        concatStrings = concatStringsSep "";
        concatMapStrings = make: list: concatStringsSep "" (map make list);
        concatMapStringsSep = between: make: list: concatStringsSep between (map make list);
        versionAtLeast = _: _: true;
        versionOlder = _: _: false;
        boolToString = value: if value then "true" else "false";
        getName = nameOf;
        getExe = value: "<${nameOf value}>";
        getExe' = value: program: "<${nameOf value}>/${program}";
        nixosSystem = settings: { __kind = "system"; inherit settings; };
        darwinSystem = settings: { __kind = "system"; inherit settings; };
        homeManagerConfiguration = settings: { __kind = "system"; inherit settings; };
      };
      # What this library lacks is a mark too.
      lib = (mark0 [ "lib" ]) // library // {
        lists = library; attrsets = library; strings = library; modules = library; trivial = library; options = library;
      };
      mark0 = path: genAttrs words (word: mark (path ++ [ word ]) [ ]) // { types = mark (path ++ [ "types" ]) [ ]; };

      isSource = value: isAttrs value && value ? __mark && match ".*nixpkgs" (nameOf value) != null;
      scope = {
        import = what: if isSource what then (_: pkgs) else mark [ "import" ] [ what ];
        __findFile = _: name: mark [ name ] [ ];
        __nixPath = [ ];
        builtins = builtins // {
          fetchTarball = mark [ "fetchTarball" ] [ ];
          fetchGit = mark [ "fetchGit" ] [ ];
          fetchurl = mark [ "fetchurl" ] [ ];
          getFlake = mark [ "getFlake" ] [ ];
          readFile = mark [ "readFile" ] [ ];
          pathExists = _: world;
          inherit (scope) import;
        };
        inherit (scope.builtins) fetchTarball fetchGit;
      };

      known = { inherit lib pkgs; config = mark [ "config" ] [ ]; options = mark [ "options" ] [ ]; modulesPath = "<modules>"; };
      argument = name: known.${name} or (mark [ name ] [ ]);
      call = function:
        let named = functionArgs function; needed = filter (name: !named.${name} || known ? ${name}) (attrNames named); in
        function ((if ask.whole || named == { } then known else { }) // genAttrs needed argument);
      isModule = value: functionArgs value != { };

      show = depth: value:
        let next = show (depth - 1); in
        if depth == 0 then "<deep>"
        else if isFunction value then
          if isModule value then { _called = next (call value); }
          else if ask.deep then { _function = next (value (mark [ "argument" ] [ ])); }
          else "<function>"
        else if isString value then unsafeDiscardStringContext value
        else if isPath value then { _path = toString value; }
        else if isList value then map next value
        else if !(isAttrs value) then value
        else if value ? __mark then { _mark = concatStringsSep "." value.__mark; _applied = map next value.__applied; }
        else if value ? __kind then { _kind = value.__kind; } // mapAttrs (_: next) (removeAttrs value [ "__kind" ])
        else mapAttrs (_: next) value;

      found = scopedImport scope ask.file;
      isFlake = isAttrs found && found ? outputs && isFunction found.outputs;
      outputs = found.outputs (genAttrs (attrNames (functionArgs found.outputs) ++ attrNames (found.inputs or { }) ++ [ "self" "nixpkgs" ]) argument);
    in
    if isFlake then { _flake = show 40 outputs; inputs = show 40 (found.inputs or { }); }
    else if isFunction found then { _called = show 40 (call found); }
    else show 40 found;
in
{ met = evaluate true; unmet = evaluate false; }
