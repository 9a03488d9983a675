"""Makes spend files, has Entente and DuckDB make the daily sums of each, compares the results to the last digit, and prints what
each took. Entente does so twice: as `entente spend import` into a fresh installation, with everything that this entails, and as the
example `daily`, which reads and judges alone. DuckDB runs the statement for warehouses on the tables that the installation exports.
Usage: compare.py ROWS FOLDER ENTENTE DAILY."""

import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
# What loads the tables is one text with the test of the statement; nothing is left beside it.
sys.path.insert(0, str(REPOSITORY / "crates/core/tests/focus"))
sys.dont_write_bytecode = True
STATEMENT = REPOSITORY / "eligibility/warehouse/daily_sums.sql"
COMMITMENT = "bench-2026"
MB = 1024
# By the sheet of tests/commitments/us11_burn_down.rs: what is eligible, and what is not.
STORY_SPENT = "3213420.24"
# How long anything that is not measured may take, in seconds.
HANG = 120


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


def by_duckdb(kind, files, tables):
    """Prints the daily sums of files, and what is quarantined, as the example does."""
    import duckdb
    import warehouse

    connection = duckdb.connect()
    clouds = REPOSITORY / "crates/spend/data/clouds.csv"
    connection.execute(f"CREATE TABLE clouds AS SELECT *, row_number() OVER () AS at FROM read_csv('{clouds}', header = true)")
    for table in ("contract", "terms", "rules"):
        warehouse.load(connection, tables, table)
    connection.execute(sql(f"file_{kind}.sql", file=files))
    connection.execute(sql("charges.sql"))
    for day, account, product, part, reason, least, most, _, amount in connection.execute(STATEMENT.read_text()).fetchall():
        print(f"{day}|{account}|{product}|{part}|{reason}|{plain(least)}|{plain(most)}|{plain(amount)}")
    for reason, count in connection.execute("SELECT reason, rows FROM quarantined").fetchall():
        print(f"quarantined|{reason}|{count}")


def told(lines):
    """The lines in order. Sums of nothing change nothing, and an import does not tell them."""
    return sorted(line for line in lines if not line.endswith("|0"))


def imported(text, partition=None):
    """What `entente spend import --json` says of all files together, or of one partition, as such lines."""
    sums, quarantined = Counter(), Counter()
    for file in json.loads(text):
        if partition not in (None, file["partition"]):
            continue
        for change in file["differences"]:
            key, weight = change["key"], change["key"]["weight"]
            words = [key[name] for name in ("day", "account", "product", "part", "reason")]
            words += [plain(weight["least"]), plain(weight["most"])]
            sums["|".join(words)] += Decimal(change["after"]) - Decimal(change["before"])
        for rows in file["quarantined"]:
            quarantined[rows["reason"]] += rows["rows"]
    lines = [f"{key}|{plain(amount)}" for key, amount in sums.items()]
    return told(lines + [f"quarantined|{reason}|{rows}" for reason, rows in quarantined.items()])


def measured(command, output):
    """Processor time and peak memory. This process stays small, as a child's peak begins at that of the one it comes from."""
    with open(output, "w") as to:
        child = subprocess.Popen(command, stdout=to)
        _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / MB


class Installation:
    """A fresh installation of Entente that has the commitment, and nothing spent."""

    CONFIG = "database: entente.db\nlisten: 127.0.0.1:0\npeople: people.yaml\n"
    PEOPLE = (
        "persons:\n  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], "
        "legal_entities: [acme-us], zone: UTC }\n"
    )

    def __init__(self, program, folder, contract=HERE / "contract.yaml"):
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        (folder / "entente.yaml").write_text(self.CONFIG)
        (folder / "people.yaml").write_text(self.PEOPLE)
        self.command, self.folder = [program, "--config", str(folder / "entente.yaml"), "--actor", "mia"], folder
        with open(folder / "serve.log", "w") as log:
            server = subprocess.Popen([*self.command[:3], "serve"], stdout=log, stderr=log)
            try:
                self.says("commitment", "create", str(contract), "--wait", f"{HANG}s")
                self.says("commitment", "export", COMMITMENT, "--format", "warehouse", "--out", str(self.tables))
            finally:
                server.terminate()
                server.wait(HANG)

    @property
    def tables(self):
        """Where the tables for a warehouse lie."""
        return self.folder / "tables"

    def says(self, *words):
        subprocess.run([*self.command, *words], check=True, stdout=subprocess.DEVNULL, timeout=HANG)

    def takes_in(self, file, output):
        """Takes a file in, and measures that."""
        words = ["spend", "import", str(file), "--commitment", COMMITMENT, "--partition", "bench", "--json"]
        return measured([*self.command, *words], output)


def equal(what, found, expected):
    if found != expected:
        differing = sorted(set(found) ^ set(expected))
        print(*differing[:20], sep="\n")
        sys.exit(f"{what}: {len(differing)} lines differ from DuckDB's")


def row(name, used, other):
    (cpu, peak), (other_cpu, other_peak) = used, other
    ratios = "" if used == other else f"   CPU ratio {cpu / other_cpu:.2f}, memory ratio {peak / other_peak:.2f}"
    print(f"  {name:22}{cpu:8.2f} s of CPU, {peak:6.0f} MB at its peak{ratios}")


def bench(rows, folder, program, daily):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, __file__, "make", str(rows), str(folder)], check=True)
    for kind, file in named(rows, folder).items():
        installation = Installation(program, folder / f"{kind}.installation")
        ours, theirs, alone = (folder / f"{kind}.{name}" for name in ("import", "duckdb", "daily"))
        took = installation.takes_in(file, ours)
        contract, rules = str(HERE / "contract.yaml"), str(REPOSITORY / "eligibility/rules.yaml")
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        read = measured([daily, str(file), contract, rules, today], alone)
        duckdb = [sys.executable, __file__, "duckdb", kind, str(file), str(installation.tables)]
        other = measured(duckdb, theirs)
        expected = told(theirs.read_text().splitlines())
        equal(f"{kind}, import", imported(ours.read_text()), expected)
        equal(f"{kind}, daily", told(alone.read_text().splitlines()), expected)
        print(f"{kind}: {rows} rows, {file.stat().st_size / MB / MB:.0f} MB, {len(expected)} equal lines")
        row("entente spend import", took, other)
        row("reading and judging", read, other)
        row("DuckDB", other, other)
        shutil.rmtree(installation.folder)


def bill(folder, program):
    """A small bill, taken in by `entente spend import` and brought to daily sums by the documented statements for a warehouse."""
    import duckdb
    import warehouse

    folder.mkdir(parents=True, exist_ok=True)
    contract = (HERE / "contract.yaml").read_text().replace("zone: UTC", "zone: America/Los_Angeles")
    contract = re.sub("accounts: .*", 'accounts: ["111122223333", "444455556666"]', contract)
    (folder / "contract.yaml").write_text(contract)
    installation = Installation(program, folder / "bill.installation", folder / "contract.yaml")
    source, output = REPOSITORY / "crates/core/tests/focus/bill.csv", folder / "bill.import"
    installation.takes_in(source, output)
    connection = duckdb.connect()
    for table in ("contract", "terms", "rules"):
        warehouse.load(connection, installation.tables, table)
    instants = ", ".join(
        f"cast({name} as timestamptz) as {name}"
        for name in ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
    )
    table = f"read_csv('{source}', header = true, all_varchar = true, nullstr = '')"
    connection.execute(f"create table focus as select * replace ({instants}) from {table}")
    connection.execute(f"create table charges as {(STATEMENT.parent / 'charges.sql').read_text()}")
    expected = told(
        f"{day}|{account}|{product}|{part}|{reason}|{plain(least)}|{plain(most)}|{plain(amount)}"
        for day, account, product, part, reason, least, most, _, amount in connection.execute(STATEMENT.read_text()).fetchall()
    )
    found = [line for line in imported(output.read_text(), "bench") if not line.startswith("quarantined|")]
    equal("bill", found, expected)
    print(f"bill: {len(expected)} equal lines")
    shutil.rmtree(installation.folder)


def story(folder):
    """What importing the bill took beside what DuckDB takes to make its daily sums."""
    files, output = list(folder.glob("*.csv")), folder / "duckdb.txt"
    duckdb = [sys.executable, __file__, "duckdb", "csv", str(folder / "*.csv"), str(folder / "tables")]
    other_cpu, other_peak = measured(duckdb, output)
    expected = told(output.read_text().splitlines())
    text = (folder / "entente.json").read_text()
    equal("story", imported(text), expected)
    spent = plain(sum(Decimal(line.rsplit("|", 1)[1]) for line in expected))
    if spent != STORY_SPENT:
        sys.exit(f"DuckDB finds {spent} spent, and the sheet {STORY_SPENT}")
    cpu = float((folder / "entente.cpu").read_text())
    size = sum(file.stat().st_size for file in files) / MB / MB
    rows = sum(file["rows"] for file in json.loads(text))
    print(f"story: {rows} rows in {len(files)} files, {size:.0f} MB; {len(expected)} equal lines, {spent} spent")
    print(f"  entente spend import {cpu:7.2f} s of CPU")
    print(f"  DuckDB               {other_cpu:7.2f} s of CPU, {other_peak:6.0f} MB at its peak")
    print(f"  CPU ratio {cpu / other_cpu:.2f}")


def main():
    if sys.argv[1] == "duckdb":
        return by_duckdb(sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4]))
    if sys.argv[1] == "story":
        return story(pathlib.Path(sys.argv[2]))
    if sys.argv[1] == "bill":
        return bill(pathlib.Path(sys.argv[2]), sys.argv[3])
    if sys.argv[1] == "make":
        return make(int(sys.argv[2]), pathlib.Path(sys.argv[3]))
    bench(int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4])


main()
