"""The statements of Snowflake's reference, construct by construct: the rows of docs/sql-reference.md."""

from tools.sql_reference.alter import ALTER
from tools.sql_reference.create import BODY, COLUMNS, CREATE, OPTIONS, REGION, VARIANTS
from tools.sql_reference.looking import DROP, EXPLAIN, SHOW, VIEWS
from tools.sql_reference.quality import CHECKING, RULES

STATEMENTS = (CREATE, OPTIONS, REGION, COLUMNS, BODY, VARIANTS, ALTER, DROP, SHOW, VIEWS, EXPLAIN, RULES, CHECKING)
