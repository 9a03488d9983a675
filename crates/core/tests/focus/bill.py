"""Runs `charges.sql` and `left_out.sql` on a small FOCUS table and compares with what was written out by hand: `bill.py FOLDER`,
where FOLDER is `eligibility/warehouse`."""

import difflib
import sys
from pathlib import Path

import duckdb


def main() -> int:
    here, statements = Path(__file__).parent, Path(sys.argv[1])
    connection = duckdb.connect()
    connection.execute("set timezone = 'Asia/Tokyo'")  # Whatever the session's zone is, the contract's decides.
    instants = ", ".join(
        f"cast({name} as timestamptz) as {name}"
        for name in ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
    )
    source = f"read_csv('{here / 'bill.csv'}', header = true, all_varchar = true, nullstr = '')"
    connection.execute(f"create table focus as select * replace ({instants}) from {source}")
    connection.execute("create table contract as select '|111122223333|444455556666|' as accounts, 'USD' as currency")
    charges = (statements / "charges.sql").read_text(encoding="utf-8")
    shown = "account, product, channel, kind, frequency, charge_day, purchase_day, invoice_day, original_day, runs_on_cloud, amount"
    rows = connection.execute(f"select {shown} from ({charges}) order by charge_day, account, product, kind").fetchall()
    rows += connection.execute((statements / "left_out.sql").read_text(encoding="utf-8")).fetchall()
    found = [" ".join("-" if cell is None else str(cell) for cell in row) for row in rows]
    wanted = (here / "bill-charges.txt").read_text(encoding="utf-8").splitlines()
    differences = list(difflib.unified_diff(wanted, found, "by hand", "in DuckDB", lineterm=""))
    print("\n".join(differences))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
