"""What happens to a source, and what the next refresh does about it: the rows of docs/sources.md."""

from tests.sources.cases.alterations import ALTERATIONS
from tests.sources.cases.case import Case
from tests.sources.cases.kinds import KINDS
from tests.sources.cases.mechanisms import MECHANISMS
from tests.sources.cases.names import NAMES
from tests.sources.cases.partitions import PARTITIONS
from tests.sources.cases.writes import DML

CASES = [*DML, *MECHANISMS, *PARTITIONS, *ALTERATIONS, *KINDS, *NAMES]

__all__ = ["ALTERATIONS", "CASES", "DML", "KINDS", "MECHANISMS", "NAMES", "PARTITIONS", "Case"]
