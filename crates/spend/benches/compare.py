"""Makes spend files, has Entente and DuckDB read each to daily sums, compares the results to the last digit, and prints what
each took. Usage: compare.py ROWS FOLDER DAILY, where DAILY is the example of this name."""

import hashlib
import os
import pathlib
import subprocess
import sys
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
KNOWN_ON = "2026-11-30"
MB = 1024
# By the sheet of tests/commitments/us11_burn_down.rs: what is eligible, and what is not.
STORY_SPENT = "3213420.24"


def sql(name, **values):
    text = (HERE / name).read_text()
    for key, value in values.items():
        text = text.replace("{" + key + "}", str(value))
    return text


def named(rows, folder):
    name = hashlib.sha256(sql("generate.sql", rows=rows).encode()).hexdigest()[:12]
    return {kind: folder / f"{name}.{kind}" for kind in ("csv", "parquet")}


def make(rows, folder):
    """Makes the files; those that are there already are kept."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(sql("generate.sql", rows=rows))
    options = {
        "csv": "(FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%d %H:%M:%S')",
        "parquet": "(FORMAT parquet, COMPRESSION zstd)",
    }
    for kind, file in named(rows, folder).items():
        if not file.exists():
            connection.execute(f"COPY (SELECT * FROM made) TO '{file}' {options[kind]}")


def plain(number):
    """A decimal without zeros behind its last digit, never in scientific notation."""
    text = format(Decimal(number).normalize(), "f")
    return "0" if text == "-0" else text


def made_daily(kind, file, accounts):
    """A connection that has made the daily sums of a file."""
    import duckdb

    connection = duckdb.connect()
    clouds = REPOSITORY / "crates/spend/data/clouds.csv"
    connection.execute(f"CREATE TABLE clouds AS SELECT *, row_number() OVER () AS at FROM read_csv('{clouds}', header = true)")
    named = ", ".join(f"('{account}')" for account in accounts)
    connection.execute(f"CREATE TABLE accounts AS SELECT * FROM (VALUES {named}) AS named(account)")
    connection.execute(sql(f"charges_{kind}.sql", file=file))
    connection.execute(sql("daily_sums.sql"))
    return connection


def story_by_duckdb(folder):
    """Prints how many rows the bill has, and everything that was spent by it."""
    connection = made_daily("csv", f"{folder}/*.csv", ["111122223333"])
    rows, spent = connection.execute("SELECT sum(rows), sum(amount) FROM daily").fetchone()
    print(rows, plain(spent))


def story(folder):
    """What importing the bill took beside what DuckDB takes to make its daily sums."""
    output = folder / "duckdb.txt"
    other_cpu, other_peak = measured([sys.executable, __file__, "duckdb-story", str(folder)], output)
    rows, spent = output.read_text().split()
    if spent != STORY_SPENT:
        sys.exit(f"DuckDB finds {spent} spent, and the sheet {STORY_SPENT}")
    cpu = float((folder / "entente.cpu").read_text())
    size = sum(file.stat().st_size for file in folder.glob("*.csv")) / MB / MB
    print(f"story: {rows} rows in {len(list(folder.glob('*.csv')))} files, {size:.0f} MB; both find {spent} spent")
    print(f"  entente spend import {cpu:7.2f} s of CPU")
    print(f"  DuckDB               {other_cpu:7.2f} s of CPU, {other_peak:6.0f} MB at its peak")
    print(f"  CPU ratio {cpu / other_cpu:.2f}")


def by_duckdb(kind, file):
    """Prints the sums as the example does."""
    connection = made_daily(kind, file, [f"payer-{number:02d}" for number in range(9)])
    weights = {"cloud": "100|100", "K1": "100|100", "K10": "0|100"}
    rows = connection.execute("SELECT day, account, product, part, reason, amount FROM daily").fetchall()
    for day, account, product, part, reason, amount in rows:
        print(f"{day}|{account}|{product}|{part}|{reason}|{weights.get(reason, '0|0')}|{plain(amount)}")
    for reason, count in connection.execute("SELECT reason, rows FROM quarantined").fetchall():
        print(f"quarantined|{reason}|{count}")


def measured(command, output):
    """Processor time and peak memory. This process stays small, as a child's peak begins at that of the one it comes from."""
    with open(output, "w") as to:
        child = subprocess.Popen(command, stdout=to)
        _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / MB


def main():
    if sys.argv[1] == "duckdb":
        return by_duckdb(sys.argv[2], sys.argv[3])
    if sys.argv[1] == "duckdb-story":
        return story_by_duckdb(sys.argv[2])
    if sys.argv[1] == "story":
        return story(pathlib.Path(sys.argv[2]))
    if sys.argv[1] == "make":
        return make(int(sys.argv[2]), pathlib.Path(sys.argv[3]))
    rows, folder, daily = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, __file__, "make", str(rows), str(folder)], check=True)
    for kind, file in named(rows, folder).items():
        ours, theirs = folder / f"{kind}.entente", folder / f"{kind}.duckdb"
        contract, rules = str(HERE / "contract.yaml"), str(REPOSITORY / "eligibility/rules.yaml")
        cpu, peak = measured([daily, str(file), contract, rules, KNOWN_ON], ours)
        other_cpu, other_peak = measured([sys.executable, __file__, "duckdb", kind, str(file)], theirs)
        found, expected = (sorted(output.read_text().splitlines()) for output in (ours, theirs))
        if found != expected:
            differing = sorted(set(found) ^ set(expected))
            print(*differing[:20], sep="\n")
            sys.exit(f"{kind}: {len(differing)} lines differ between {ours} and {theirs}")
        print(f"{kind}: {rows} rows, {file.stat().st_size / MB / MB:.0f} MB, {len(found)} equal lines")
        print(f"  Entente {cpu:7.2f} s of CPU, {peak:6.0f} MB at its peak")
        print(f"  DuckDB  {other_cpu:7.2f} s of CPU, {other_peak:6.0f} MB at its peak")
        print(f"  CPU ratio {cpu / other_cpu:.2f}, memory ratio {peak / other_peak:.2f}")


main()
