"""The kinds of quality rules, by name: a kind is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.compiler.quality.kind import Kind
from dyntables.compiler.quality.kinds import (
    accepted_values,
    aggregate,
    castable,
    category_share,
    compare,
    conditional,
    custom,
    distinct_count,
    expression,
    format,
    freshness,
    lag_met,
    length,
    no_gaps,
    no_orphans,
    not_blank,
    not_null,
    precision,
    primary_key,
    range,
    reconcile,
    references,
    regex,
    rejected_values,
    row_count,
    schema,
    unique,
    unique_combination,
    volume_change,
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        accepted_values.KIND,
        aggregate.KIND,
        castable.KIND,
        category_share.KIND,
        compare.KIND,
        conditional.KIND,
        custom.KIND,
        distinct_count.KIND,
        expression.KIND,
        format.KIND,
        freshness.KIND,
        lag_met.KIND,
        length.KIND,
        no_gaps.KIND,
        no_orphans.KIND,
        not_blank.KIND,
        not_null.KIND,
        precision.KIND,
        primary_key.KIND,
        range.KIND,
        reconcile.KIND,
        references.KIND,
        regex.KIND,
        rejected_values.KIND,
        row_count.KIND,
        schema.KIND,
        unique.KIND,
        unique_combination.KIND,
        volume_change.KIND,
    )
}
