# Types of numbers.
{ lib, base, types }:
let
  inherit (base) mkOptionType;
  simple = name: description: check: mkOptionType {
    inherit name description check;
    descriptionClass = "noun";
    merge = lib.mergeEqualOption;
  };
  within = low: high: x: x >= low && x <= high;
  bounded = name: sign: bits: low: high:
    simple name "${toString bits} bit ${sign} integer; between ${toString low} and ${toString high} (both inclusive)" (
      x: builtins.isInt x && within low high x
    );
  between = kind: test: low: high:
    assert lib.assertMsg (low <= high) "${kind}.between: lowest must be smaller than highest";
    simple "${kind}Between" "${kind} between ${toString low} and ${toString high} (both inclusive)" (x: test x && within low high x);
in
rec {
  int = simple "int" "signed integer" builtins.isInt;
  ints = {
    between = low: high:
      between "integer" builtins.isInt low high // { name = "intBetween"; };
    unsigned = simple "unsignedInt" "unsigned integer, meaning >=0" (x: builtins.isInt x && x >= 0);
    positive = simple "positiveInt" "positive integer, meaning >0" (x: builtins.isInt x && x > 0);
    u8 = bounded "unsignedInt8" "unsigned" 8 0 255;
    u16 = bounded "unsignedInt16" "unsigned" 16 0 65535;
    u32 = bounded "unsignedInt32" "unsigned" 32 0 4294967295;
    s8 = bounded "signedInt8" "signed" 8 (-128) 127;
    s16 = bounded "signedInt16" "signed" 16 (-32768) 32767;
    s32 = bounded "signedInt32" "signed" 32 (-2147483648) 2147483647;
  };
  port = ints.u16;
  float = simple "float" "floating point number" builtins.isFloat;
  number = types.either int float;
  numbers = {
    between = low: high: between "number" (x: builtins.isInt x || builtins.isFloat x) low high;
    nonnegative = simple "numberNonnegative" "nonnegative integer or floating point number, meaning >=0" (x: (builtins.isInt x || builtins.isFloat x) && x >= 0);
    positive = simple "numberPositive" "positive integer or floating point number, meaning >0" (x: (builtins.isInt x || builtins.isFloat x) && x > 0);
  };
}
