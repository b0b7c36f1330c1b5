# Options as a flat list, the way manuals and search tools read them.
{ lib }:
rec {
  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  optionAttrSetToDocList' = _: options:
    lib.concatMap (
      opt:
      let
        entry = {
          inherit (opt) loc;
          name = lib.showOption opt.loc;
          description = opt.description or null;
          declarations = lib.filter (file: file != "<unknown-file>") opt.declarations;
          internal = opt.internal or false;
          visible = if builtins.isString (opt.visible or true) then true else opt.visible or true;
          readOnly = opt.readOnly or false;
          type = opt.type.description or "unspecified";
        }
        // lib.optionalAttrs (opt ? example) { example = renderOptionValue opt.example; }
        // lib.optionalAttrs (opt ? defaultText || opt ? default) {
          default = renderOptionValue (opt.defaultText or opt.default);
        };
        below = opt.type.getSubOptions opt.loc;
      in
      [ entry ] ++ lib.optionals (below != { } && opt.visible or true != "shallow") (optionAttrSetToDocList' opt.loc below)
    ) (lib.collect lib.isOption options);

  renderOptionValue = value:
    if value ? _type && value ? text then value else lib.literalExpression (lib.generators.toPretty { } value);
  scrubOptionValue = value:
    if lib.isDerivation value then
      value // { type = "derivation"; }
    else if builtins.isList value then
      map scrubOptionValue value
    else if builtins.isAttrs value then
      builtins.mapAttrs (_: scrubOptionValue) (removeAttrs value [ "_args" ])
    else
      value;
}
