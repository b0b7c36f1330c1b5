# Declaring options, and showing options and definitions in messages.
{ lib }:
rec {
  isOption = x: builtins.isAttrs x && x._type or null == "option";
  mkOption = attrs: attrs // { _type = "option"; };
  mkEnableOption = name:
    mkOption {
      default = false;
      example = true;
      description = if name ? _type then name else "Whether to enable ${name}.";
      type = lib.types.bool;
    };
  mkPackageOption = pkgs: name:
    { nullable ? false, default ? name, example ? null, extraDescription ? "", pkgsText ? "pkgs" }:
    let
      path = lib.toList (if default == null then name else default);
      shown = lib.concatStringsSep "." (lib.toList (if builtins.isString name then [ name ] else name));
    in
    mkOption (
      {
        type = (if nullable then lib.types.nullOr else lib.id) lib.types.package;
        description =
          "The ${shown} package to use."
          + (if extraDescription == "" then "" else " ") + extraDescription;
      }
      // lib.optionalAttrs (default != null) {
        default = lib.attrByPath path (throw "${lib.concatStringsSep "." path} cannot be found in ${pkgsText}") pkgs;
        defaultText = literalExpression "${pkgsText}.${lib.concatStringsSep "." path}";
      }
      // lib.optionalAttrs (default == null && nullable) { inherit default; }
      // lib.optionalAttrs (example != null) {
        example =
          if builtins.isList example then literalExpression "${pkgsText}.${lib.concatStringsSep "." example}" else example;
      }
    );
  mkSinkUndeclaredOptions = attrs:
    mkOption (
      {
        internal = true;
        visible = false;
        default = false;
        description = "Sink for option definitions.";
        type = lib.types.anything;
        apply = x: throw "Option value is not readable because the option is not declared.";
      }
      // attrs
    );

  literalExpression = text: { _type = "literalExpression"; inherit text; };
  literalMD = text: { _type = "literalMD"; inherit text; };
  literalCode = languageTag: text: {
    _type = "literalMD";
    text = "```${languageTag}\n${text}\n```";
  };
  mdDoc = text: text;

  getValues = map (x: x.value);
  getFiles = map (x: x.file);

  # The one definition of an option, or the common value of several.
  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeUniqueOption = { message, merge ? null }: loc: defs:
    if builtins.length defs == 1 then
      if merge == null then (builtins.head defs).value else merge loc defs
    else
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}\n${prioritySuggestion}";
  mergeEqualOption = loc: defs:
    if defs == [ ] then
      throw "This case should never happen."
    else if builtins.length defs == 1 then
      (builtins.head defs).value
    else
      (builtins.foldl' (
        first: def:
        if def.value != first.value then
          throw "The option `${showOption loc}' has conflicting definition values:${showDefs [ first def ]}\n${prioritySuggestion}"
        else
          first
      ) (builtins.head defs) (builtins.tail defs)).value;
  mergeDefaultOption = loc: defs:
    let
      values = getValues defs;
      every = test: builtins.all test values;
    in
    if builtins.length values == 1 then
      builtins.head values
    else if every lib.isFunction then
      x: mergeDefaultOption loc (map (f: { file = ""; value = f x; }) values)
    else if every builtins.isList then
      lib.concatLists values
    else if every builtins.isAttrs then
      lib.mergeAttrsList values
    else if every builtins.isBool then
      lib.any lib.id values
    else if every builtins.isString then
      lib.concatStrings values
    else
      throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}";

  prioritySuggestion = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";

  showOption = parts:
    let
      # Placeholders of documentation stand as they are.
      isPlaceholder = part: builtins.match "<.*>|\\*" part != null;
    in
    lib.concatMapStringsSep "." (part: if isPlaceholder part then part else lib.escapeNixIdentifier part) parts;
  showFiles = files: lib.concatStringsSep " and " (map (file: "`${file}'") files);
  showDefs = defs:
    lib.concatMapStrings (
      def:
      let
        pretty = builtins.tryEval (lib.generators.toPretty { } (shallow 3 def.value));
        lines = lib.splitString "\n" pretty.value;
        shown = lib.take 5 lines ++ lib.optional (builtins.length lines > 5) "...";
        value =
          if !pretty.success then
            ""
          else if builtins.length lines > 1 then
            ":\n    ${lib.concatStringsSep "\n    " shown}"
          else
            ": ${pretty.value}";
      in
      "\n- In `${def.file}'${value}"
    ) defs;

  # Values in messages are shown to a small depth, so that a whole package set never is.
  shallow = depth: value:
    if builtins.isAttrs value && !(lib.isDerivation value) then
      if depth == 0 then "<elided>" else builtins.mapAttrs (_: shallow (depth - 1)) value
    else if builtins.isList value then
      if depth == 0 then "<elided>" else map (shallow (depth - 1)) value
    else
      value;
}
