# Functions about nothing in particular: identity, warnings, reading files.
{ lib }:
let
  state = import ../pkgs/release.nix;
in
rec {
  inherit (builtins)
    add
    addErrorContext
    bitAnd
    bitOr
    bitXor
    ceil
    deepSeq
    div
    floor
    fromJSON
    genericClosure
    isBool
    isFloat
    isInt
    isPath
    lessThan
    mul
    pathExists
    readDir
    readFile
    seq
    sub
    toFile
    toJSON
    trace
    tryEval
    typeOf
    unsafeGetAttrPos
    ;

  id = x: x;
  const = x: _: x;
  flip = f: a: b: f b a;
  pipe = builtins.foldl' (x: f: f x);
  and = a: b: a && b;
  or = a: b: a || b;
  xor = a: b: a != b;
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = base: n: base - (n * (builtins.div base n));
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";
  mapNullable = f: x: if x == null then null else f x;
  defaultTo = default: x: if x == null then default else x;

  # A set with __functor can be called, so it counts as a function here.
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  functionArgs = f:
    if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f)) else builtins.functionArgs f;
  setFunctionArgs = f: args: { __functor = _: f; __functionArgs = args; };
  mirrorFunctionArgs = f: setFunctionArgs' (functionArgs f);
  setFunctionArgs' = args: f: setFunctionArgs f args;
  toFunction = v: if isFunction v then v else _: v;

  warn = builtins.warn or (message: value: builtins.trace "evaluation warning: ${message}" value);
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: message: if condition then id else warn message;
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: message: if condition then id else throw message;
  info = message: value: builtins.trace "INFO: ${message}" value;
  showWarnings = warnings: value: builtins.foldl' (rest: message: warn message rest) value warnings;

  assertMsg = condition: message: if condition then true else throw message;
  assertOneOf = name: value: allowed:
    assertMsg (builtins.elem value allowed)
      "${name} must be one of ${lib.generators.toPretty { } allowed}, but is: ${lib.generators.toPretty { } value}";

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  fix = f: let x = f x; in x;
  extends = overlay: f: final: let previous = f final; in previous // overlay final previous;
  composeExtensions = first: second: final: previous:
    let
      one = first final previous;
      two = second final (previous // one);
    in
    one // two;
  composeManyExtensions = lib.foldr composeExtensions (_: _: { });
  makeExtensible = f: fix f // { extend = overlay: makeExtensible (extends overlay f); };

  inPureEvalMode = !(builtins ? currentSystem);
  inherit (state) release;
  version = state.version;
  versionSuffix = state.suffix;
  nixpkgsVersion = version;
  codeName = state.codeName;
  revisionWithDefault = default: state.revision or default;
  isInOldestRelease = _: true;
  oldestSupportedRelease = 2505;
  oldestSupportedReleaseIsAtLeast = n: n <= oldestSupportedRelease;
}
