"""Policy files: YAML read strictly. Every fault is reported with file, line and remedy; none is guessed around.

Refused: a key said twice, an unknown key, a missing key, a wrong type, a date that is none.
A loaded block keeps its canonical bytes, whose SHA-256 is its digest: what an assessment or a match cites.

Sources. Each dated block says where it comes from: `domain §4.4 [D]` style references, or `assumed: <reason>`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from backend.kit.errors import Misconfigured
from backend.kit.words import Words

try:
    from yaml import CSafeLoader as _CReader
except ImportError:  # PyYAML was built without libyaml: slower, the same otherwise
    from yaml import SafeLoader as _CReader  # type: ignore[assignment]  # either is a safe reader

M = TypeVar("M", bound=BaseModel)

_SOURCE = re.compile(r"^(domain §\d+(\.\d+)?.* \[(S\d|V|V-law|V-secondary|M|D|U)\].*|assumed: .{8,})$", re.S)


def _check_source(text: str) -> str:
    if not _SOURCE.match(text):
        raise ValueError("a source is 'domain §N.N … [tag]' or 'assumed: the reason'")
    return text


Source = Annotated[str, AfterValidator(_check_source)]


class Strict(BaseModel):
    """Base of every policy model: unknown keys are faults, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Worded(Strict):
    """A part of a file that is itself called something: its two words stand flat among its own keys."""

    zh: str
    en: str

    @property
    def words(self) -> Words:
        return Words(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One fault of one file: where, what, and how to mend it."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class PolicyError(Misconfigured):
    """A policy file has faults; `faults` lists all of them."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        self.faults = faults
        super().__init__("; ".join(str(fault) for fault in faults), code="policy")


class Faulty(ValueError):
    """Raised by a validator that looks at a part as a whole: every fault it found, each with its place inside that part."""

    def __init__(self, faults: list[tuple[tuple[str | int, ...], str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(what for _, what in faults))


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses doubled keys and keeps floats as exact Decimals."""


class _Quick(_CReader):
    """The same rules on libyaml's parser, ten times as fast."""


_Either = _Loader | _Quick


def _mapping(loader: _Either, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, int] = {}
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key “{key}” is said twice (first on line {seen[key]}); keep one", key_node.start_mark
            )
        seen[key] = key_node.start_mark.line + 1
    return yaml.constructor.SafeConstructor.construct_mapping(loader, node, deep=True)


def _timestamp(loader: _Either, node: yaml.ScalarNode) -> Any:
    try:
        return yaml.constructor.SafeConstructor.construct_yaml_timestamp(loader, node)
    except ValueError as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"“{node.value}” is no day of the calendar", node.start_mark
        ) from error


for _each in (_Loader, _Quick):
    _each.add_constructor("tag:yaml.org,2002:map", _mapping)
    _each.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)
    _each.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value.replace("_", "")))
    # YAML 1.1 reads on, off, yes and no as truth values; in a policy file they are words.
    _each.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    _each.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def _read(reader: type[_Either], text: str) -> tuple[yaml.Node | None, Any]:
    loader = reader(text)
    root = loader.get_single_node()
    return root, loader.construct_document(root) if root is not None else None


def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    """The tree and what it says. What libyaml refuses is read again: the words of a fault are those of PyYAML's own parser."""
    try:
        return _read(_Quick, text)
    except (yaml.YAMLError, ValueError):
        return _read(_Loader, text)


def _line_of(root: yaml.Node | None, path: tuple[Any, ...]) -> int:
    """The line of the deepest node on the path that the file has."""
    node, line = root, 1
    for part in path:
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def line_of(path: Path, place: tuple[str | int, ...]) -> int:
    """The line of a place in a policy file, e.g. ("blocks", 1, "price"): for faults that only a whole file can have."""
    return _line_of(yaml.compose(path.read_text(encoding="utf-8"), Loader=_Quick), place)


def load(path: Path, model: type[M]) -> M:
    """Read one policy file into `model`, or raise PolicyError with every fault found."""
    text = path.read_text(encoding="utf-8")
    try:
        root, data = _parsed(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise PolicyError([PolicyFault(path.name, mark.line + 1 if mark else 1, str(what))]) from error
    except ValueError as error:
        raise PolicyError([PolicyFault(path.name, 1, f"a value cannot be read: {error}")]) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = []
        places = [item["loc"] for item in error.errors()]
        for item in error.errors():
            place = tuple(part for part in item["loc"])
            if item["type"] == "too_short" and any(other[: len(place)] == place and other != place for other in places):
                continue  # a list looks empty only because its entry, named beside this, could not be read
            several = item.get("ctx", {}).get("error")
            if isinstance(several, Faulty):
                for inside, what in several.faults:
                    name = ".".join(str(part) for part in (*place, *inside)) or "the file"
                    faults.append(PolicyFault(path.name, _line_of(root, (*place, *inside)), f"{name}: {what}"))
                continue
            name = ".".join(str(part) for part in place) or "the file"
            remedy = {
                "extra_forbidden": "this key is not known here; remove it or correct its spelling",
                "unexpected_keyword_argument": "this key is not known here; remove it or correct its spelling",
                "missing": "this key is missing; add it",
            }.get(item["type"], item["msg"].removeprefix("Value error, "))
            faults.append(PolicyFault(path.name, _line_of(root, place), f"{name}: {remedy}"))
        raise PolicyError(faults) from error


def load_folder(folder: Path, model: type[M]) -> list[M]:
    """Every `*.yaml` below the folder, in the order of their paths; all faults of all files at once."""
    found, faults = [], []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            found.append(load(path, model))
        except PolicyError as error:
            faults.extend(error.faults)
    if faults:
        raise PolicyError(faults)
    return found


def canonical(value: Any) -> bytes:
    """The one way to write a value down: sorted keys, no spaces, dates and Decimals as text, UTF-8.

    >>> canonical({"b": Decimal("1.50"), "a": date(2025, 4, 17)})
    b'{"a":"2025-04-17","b":"1.50"}'
    """
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")

    def plain(item: Any) -> Any:
        if isinstance(item, (date, datetime)):
            return item.isoformat()
        if isinstance(item, Decimal):
            return str(item)
        if isinstance(item, BaseModel):
            return item.model_dump(mode="json")
        if isinstance(item, Words):
            return item.as_dict()
        if isinstance(item, (set, frozenset)):
            return sorted(item)
        raise TypeError(f"{type(item).__name__} has no canonical form")

    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain).encode()


def digest(data: bytes) -> str:
    """SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


_loaded: dict[tuple[Path, type[BaseModel]], BaseModel] = {}


def cached(path: Path, model: type[M]) -> M:
    """As `load`, once per process: policy files do not change while the platform runs."""
    if (path, model) not in _loaded:
        _loaded[path, model] = load(path, model)
    found = _loaded[path, model]
    assert isinstance(found, model)
    return found
