"""Holds an answer against the botocore model: every member known, typed, bounded and matching its pattern."""

import re


def problems(shape, value, path="$"):
    """Everything in `value` that the model does not allow."""
    if shape is None:
        return [] if value in ({}, None) else [f"{path}: no answer is modelled"]
    if getattr(shape, "is_document_type", False):
        return []
    check = {"structure": _structure, "list": _list, "map": _map, "string": _string}.get(shape.type_name, _scalar)
    return check(shape, value, path)


def error_problems(operation, body):
    """As `problems`, for an error answer. Errors that all services share are not in the model."""
    code = body.pop("__type", "").split("#")[-1]
    modelled = {shape.name: shape for shape in operation.error_shapes}
    if code in modelled:
        return problems(modelled[code], body)
    own = {"ValidationException", "ConflictException", "ResourceNotFoundException", "ServiceQuotaExceededException"}
    return [f"{code} is no error of {operation.name}"] if code in own else []


def _structure(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path}: is {type(value).__name__}, not an object"]
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        return [f"{path}: a union has one member, not {sorted(value)}"]
    found = [f"{path}.{name}: is required" for name in shape.required_members if name not in value]
    for name, member in value.items():
        known = shape.members.get(name)
        found += [f"{path}.{name}: is not modelled"] if known is None else problems(known, member, f"{path}.{name}")
    return found


def _bounds(shape, size, path):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    out = (least is not None and size < least) or (most is not None and size > most)
    return [f"{path}: size {size} is not within {least}..{most}"] if out else []


def _list(shape, value, path):
    if not isinstance(value, list):
        return [f"{path}: is {type(value).__name__}, not a list"]
    found = _bounds(shape, len(value), path)
    for index, item in enumerate(value):
        found += problems(shape.member, item, f"{path}[{index}]")
    return found


def _map(shape, value, path):
    found = []
    for key, item in value.items():
        found += problems(shape.key, key, f"{path}<{key}>") + problems(shape.value, item, f"{path}[{key}]")
    return found


def _string(shape, value, path):
    if not isinstance(value, str):
        return [f"{path}: is {type(value).__name__}, not a string"]
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        return [f"{path}: {value!r} is not one of {enum}"]
    found = _bounds(shape, len(value), path)
    pattern = shape.metadata.get("pattern")
    # These patterns of the model match not even the samples of its own documentation.
    if pattern and shape.name not in ("EntityType", "EntityNameString", "ChangeName") and "\\p{" not in pattern:
        if not re.search(pattern, value):
            found.append(f"{path}: {value!r} does not match {pattern}")
    return found


def _scalar(shape, value, path):
    kinds = {"integer": int, "long": int, "boolean": bool, "timestamp": (int, float), "double": (int, float)}
    kind = kinds.get(shape.type_name)
    if kind is None or not isinstance(value, kind):
        return [f"{path}: {value!r} is no {shape.type_name}"]
    return _bounds(shape, value, path) if shape.type_name in ("integer", "long") else []
