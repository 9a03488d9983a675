"""Runs `eligibility/warehouse/daily_sums.sql` on the tables of a folder, and prints the daily sums as CSV: `warehouse.py FOLDER SQL`."""

import sys
from pathlib import Path

MARKS = [
    "runs_on_cloud", "software_as_service", "offer_enrolled", "bought_under_agreement",
    "vendor_opted_in", "owned_by_buyer", "professional_services", "published_exclusion",
]
TYPES = {
    **{name: "boolean" for name in [*MARKS, "before_commitment"]},
    **{name: "integer" for name in ["place", "precedence"]},
    **{name: "decimal(7, 4)" for name in ["share", "counts_least", "counts_most"]},
    "amount": "decimal(38, 12)",
}


def kind(name: str) -> str:
    is_day = name in ("starts", "valid_from", "valid_through") or name.endswith("_day")
    return "date" if is_day else TYPES.get(name, "varchar")


def load(connection, folder: Path, table: str) -> None:
    """Loads a table from the file that `entente commitment export --format warehouse` has written."""
    file = folder / f"{table}.csv"
    header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    columns = ", ".join(f"cast({name} as {kind(name)}) as {name}" for name in header)
    source = f"read_csv('{file}', header = true, all_varchar = true, nullstr = '')"
    connection.execute(f"create table {table} as select {columns} from {source}")


def main() -> None:
    import duckdb

    folder, statement = Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="utf-8")
    connection = duckdb.connect()
    for table in ("charges", "contract", "terms", "rules"):
        load(connection, folder, table)
    connection.execute(f"copy ({statement}) to '/dev/stdout' (header, delimiter ',')")


if __name__ == "__main__":
    main()
