# Functions on lists.
{ lib }:
rec {
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    groupBy
    head
    isList
    length
    map
    partition
    sort
    tail
    ;

  singleton = x: [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: xs: if condition then xs else [ ];
  toList = x: if isList x then x else [ x ];
  forEach = xs: f: map f xs;
  range = first: final: if first > final then [ ] else genList (n: first + n) (final - first + 1);
  replicate = n: x: genList (_: x) n;
  count = test: xs: length (filter test xs);

  foldr = f: initial: xs:
    let
      size = length xs;
      from = n: if n == size then initial else f (elemAt xs n) (from (n + 1));
    in
    from 0;
  fold = foldr;
  foldl = foldl';

  imap0 = f: xs: genList (n: f n (elemAt xs n)) (length xs);
  imap1 = f: xs: genList (n: f (n + 1) (elemAt xs n)) (length xs);

  flatten = x: if isList x then concatMap flatten x else [ x ];
  remove = x: filter (y: y != x);
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  allUnique = xs: length (unique xs) == length xs;
  subtractLists = unwanted: filter (x: !(elem x unwanted));
  intersectLists = wanted: filter (x: elem x wanted);
  mutuallyExclusive = a: b: intersectLists a b == [ ];

  findFirstIndex = test: default: xs:
    let
      size = length xs;
      from = n: if n == size then default else if test (elemAt xs n) then n else from (n + 1);
    in
    from 0;
  findFirst = test: default: xs:
    let
      n = findFirstIndex test null xs;
    in
    if n == null then default else elemAt xs n;
  findSingle = test: none: several: xs:
    let
      found = filter test xs;
    in
    if found == [ ] then none else if length found > 1 then several else head found;

  take = n: sublist 0 n;
  drop = n: xs: sublist n (length xs) xs;
  dropEnd = n: xs: take (lib.max 0 (length xs - n)) xs;
  sublist = start: count: xs:
    let
      size = length xs;
    in
    genList (n: elemAt xs (start + n)) (
      if start >= size then 0 else if start + count > size then size - start else count
    );
  last = xs: assert lib.assertMsg (xs != [ ]) "lists.last: list must not be empty!"; elemAt xs (length xs - 1);
  init = xs: assert lib.assertMsg (xs != [ ]) "lists.init: list must not be empty!"; take (length xs - 1) xs;
  hasPrefix = prefix: xs: take (length prefix) xs == prefix;

  reverseList = xs:
    let
      size = length xs;
    in
    genList (n: elemAt xs (size - n - 1)) size;
  zipListsWith = f: a: b: genList (n: f (elemAt a n) (elemAt b n)) (lib.min (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  sortOn = key: xs:
    map (pair: elemAt pair 1) (sort (a: b: head a < head b) (map (x: [ (key x) x ]) xs));
  naturalSort = sort (a: b: builtins.compareVersions a b < 0);
  compareLists = compare: a: b:
    if a == [ ] then
      if b == [ ] then 0 else -1
    else if b == [ ] then
      1
    else
      let
        order = compare (head a) (head b);
      in
      if order == 0 then compareLists compare (tail a) (tail b) else order;
  crossLists = f: foldl' (fs: xs: concatMap (g: map g xs) fs) [ f ];
}
