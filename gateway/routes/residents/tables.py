"""Routes of wide tables: mappings of columns, and files that are imported by them."""

from __future__ import annotations

from chassis.types import RecordState, RejectedRow
from gateway.api.table import ANYBODY, RouteBuilder
from services.residents.api import tables as api
from vocabulary.roles import Permission

mappings = RouteBuilder("residents", RecordState, tag="imports of tables")

_MAP, _IMPORT, _FIND = Permission.MAP_COLUMNS, Permission.IMPORT_VALUES, Permission.FIND_RESIDENTS
_MAPPINGS, _MAPPING = "/v1/column-mappings", "/v1/column-mappings/{mapping}"
_TABLES, _TABLE = "/v1/table-imports", "/v1/table-imports/{table}"

OPERATIONS = [
    mappings.creates(_MAPPINGS, "map_columns", "Map the columns of a kind of table to fields", _MAP, api.NewMapping),
    mappings.lists(
        _MAPPINGS, "list_mappings", "List the mappings of columns", ANYBODY, api.ListedMapping, api.ListMappings
    ),
    mappings.reads(_MAPPING, "get_mapping", "Get a mapping of columns", ANYBODY, answer=api.ListedMapping),
    mappings.acts(_MAPPING + "/retire", "retire_mapping", "Retire a mapping of columns", _MAP),
    mappings.creates(
        _MAPPING + "/imports", "import_table", "Import a file, XLSX or CSV: its rows are written soon", _IMPORT,
        api.NewTableImport, bulk=True, timeout=60.0,
    ),
    mappings.lists(
        _TABLES, "list_table_imports", "List the imports of tables in an area", _FIND, api.ListedTableImport,
        api.ListTableImports,
    ),
    mappings.reads(
        _TABLE, "get_table_import", "Get how far an import of a table is", _FIND, answer=api.ListedTableImport
    ),
    mappings.lists(
        _TABLE + "/rejected", "list_rejected_rows", "List the rejected rows of an import, with the reasons", _FIND,
        RejectedRow, api.RowsPage,
    ),
]  # fmt: skip
