"""What may be in a tree: a clause that nobody translates is refused, never dropped."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

Refuse = Callable[[exp.Expr, str, str], Exception]

_OPERANDS = {"this", "expression", "expressions"}
_QUERY = {"with_", "order", "limit", "offset"}
_SELECT = {"distinct", "from_", "joins", "where", "group", "having", "qualify", "hint"} | _QUERY
_PARTS: dict[type[exp.Expr], set[str]] = {
    exp.Select: _SELECT,
    exp.SetOperation: {"distinct"} | _QUERY,
    exp.Subquery: {"alias"} | _QUERY,
    exp.Table: {"db", "catalog", "alias", "joins"},
    exp.Join: {"method", "side", "kind", "on", "using"},
    exp.Lateral: {"alias"},
    exp.Values: {"alias"},
    exp.With: {"recursive"},
    exp.CTE: {"alias", "materialized"},
    exp.TableAlias: {"columns"},
    exp.Alias: {"alias"},
    exp.Group: {"all"},
    exp.Ordered: {"desc", "nulls_first"},
    exp.Fetch: {"direction", "count", "limit_options"},
    exp.LimitOptions: {"rows"},
    exp.Window: {"partition_by", "order", "spec", "over"},
    exp.WindowSpec: {"kind", "start", "start_side", "end", "end_side"},
    exp.Column: {"table", "db", "catalog"},
    exp.Identifier: {"quoted"},
    exp.Literal: {"is_string"},
    exp.Star: {"except_", "rename", "replace", "ilike"},
    exp.Case: {"ifs", "default"},
    exp.If: {"true"},
    exp.Cast: {"to", "_type", "requires_string", "safe", "probe_date_format"},
    exp.DataType: {"nested"},
    exp.Between: {"low", "high"},
    exp.In: {"query"},
    exp.Substring: {"start", "length", "zero_start"},
    exp.StrPosition: {"substr", "position", "clamp_position"},
    exp.RegexpLike: {"full_match"},
    exp.DPipe: {"safe"},
    exp.JSONExtract: {"variant_extract", "requires_json"},
    exp.JSONPathKey: {"quoted"},
    exp.Bracket: {"json_access"},
    exp.Interval: {"unit"},
}
_NAMES = {
    "connect": "CONNECT BY", "match": "MATCH_RECOGNIZE", "locks": "FOR UPDATE", "pivots": "PIVOT and UNPIVOT",
    "when": "time travel", "changes": "CHANGES", "join_mark": "outer join by (+)", "match_condition": "ASOF JOIN",
    "by_name": "UNION BY NAME", "with_ties": "WITH TIES", "limit_options": "WITH TIES", "percent": "PERCENT",
}  # fmt: skip


def check_shape(tree: exp.Expr, refuse: Refuse) -> None:
    """Refuse every part of a tree that no writer reads."""
    for node in tree.walk():
        allowed = _OPERANDS | next((parts for kind, parts in _PARTS.items() if isinstance(node, kind)), set())
        for name, value in node.args.items():
            if value and name not in allowed:
                where = value if isinstance(value, exp.Expr) and isinstance(node, exp.Query) else node
                raise refuse(where, _NAMES.get(name, name.strip("_").upper()), "it has no counterpart")
