# What every type has, and how the types of two declarations of one option become one.
{ lib }:
rec {
  isType = tag: x: x._type or "" == tag;
  isOptionType = isType "option-type";

  defaultFunctor = name: {
    inherit name;
    type = null;
    wrapped = null;
    payload = null;
    binOp = _: _: null;
  };

  # Two types merge when they have one name and agree about what is inside.
  defaultTypeMerge = f: g:
    if f.name != g.name then
      null
    else if f.wrapped != null && g.wrapped != null then
      let
        wrapped = f.wrapped.typeMerge g.wrapped.functor;
      in
      if wrapped == null then null else f.type wrapped
    else if f.payload != null && g.payload != null then
      let
        payload = f.binOp f.payload g.payload;
      in
      if payload == null then null else f.type payload
    else if f.wrapped == null && g.wrapped == null && f.payload == null && g.payload == null then
      f.type
    else
      null;

  mkOptionType =
    {
      name,
      description ? name,
      descriptionClass ? null,
      check ? (_: true),
      merge ? lib.mergeDefaultOption,
      emptyValue ? { },
      getSubOptions ? _: { },
      getSubModules ? null,
      substSubModules ? _: null,
      typeMerge ? null,
      functor ? defaultFunctor name,
      deprecationMessage ? null,
      nestedTypes ? { },
    }:
    let
      type = {
        _type = "option-type";
        inherit name check merge emptyValue getSubOptions getSubModules substSubModules deprecationMessage nestedTypes;
        inherit description descriptionClass;
        functor = functor // { type = if functor.type == null then type else functor.type; };
        typeMerge = if typeMerge == null then defaultTypeMerge type.functor else typeMerge;
      };
    in
    type;

  # Brackets around the inner description where it would read wrongly without.
  phrase = test: type:
    if test (type.descriptionClass or null) then type.description else "(${type.description})";
}
