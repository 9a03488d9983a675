"""The public FOCUS validator on a Cost and Usage export: `validate.py FILE.csv`.

Prints `passed N, skipped M` and the rules that fail, one a line; ends with 1 when any does.

The package carries the rules of 1.2 alone and fetches those of 1.3 from GitHub, so that without that connection only those of 1.2
can be asked. It reads CSV by guessing types, which makes a number of an account; columns are given their types here first.
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import re
import sys
import tempfile
from pathlib import Path

RULES = "1.2.0.1"

# Rules that hold although the validator reports them: the two halves of "null or not null" are reported one by one, and
# that one of them holds is the rule.
HALVES = {"InvoiceId-C-004-C", "InvoiceId-C-005-C"}

# Under Python 3.11 one line of the package is no Python: it nests quotes as only 3.12 lets one.
NEW = b"""f"'{k.replace('\\"', '\\"\\"')}'" for k in ignore_keys"""
OLD = b"""\"'\" + k.replace('\\"', '\\"\\"') + \"'\" for k in ignore_keys"""


def readable_before_312() -> None:
    get_data = importlib.machinery.SourceFileLoader.get_data

    def patched(self, path):
        data = get_data(self, path)
        return data.replace(NEW, OLD) if str(path).endswith("focus_to_duckdb_converter.py") else data

    importlib.machinery.SourceFileLoader.get_data = patched


def typed(source: Path, target: Path) -> None:
    import duckdb

    costs = ["BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "PricingQuantity"]
    instants = [f"{period}Period{end}" for period in ("Billing", "Charge") for end in ("Start", "End")]
    replaced = [f'cast("{name}" as decimal(38, 12)) as "{name}"' for name in costs]
    replaced += [f'cast("{name}" as timestamptz) as "{name}"' for name in instants]
    table = f"read_csv('{source}', header = true, all_varchar = true, nullstr = '', quote = '\"', escape = '\"')"
    duckdb.connect().execute(f"copy (select * replace ({', '.join(replaced)}) from {table}) to '{target}' (format parquet)")


def main() -> int:
    if sys.version_info < (3, 12):
        readable_before_312()
    source = Path(sys.argv[1]).resolve()
    # The package looks for its currencies from the folder that it lies in.
    os.chdir(Path(importlib.util.find_spec("focus_validator").origin).parent.parent)
    from focus_validator.main import main as validate

    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "export.parquet"
        typed(source, target)
        sys.argv = ["focus-validator", "--data-file", str(target), "--validate-version", RULES, "--block-download"]
        sys.argv += ["--applicability-criteria", "ACCOUNT_NAMING_SUPPORTED"]
        try:
            with contextlib.redirect_stdout(said):
                validate()
        except SystemExit as ended:
            if ended.code not in (None, 0, 1):
                raise
    passed = len(re.findall(r"^\S+ (\S+): PASS", said.getvalue(), re.MULTILINE))
    skipped = len(re.findall(r"^\S+ (\S+): SKIPPED", said.getvalue(), re.MULTILINE))
    failed = re.findall(r"^\S+ (\S+): FAIL\s+(.*)$", said.getvalue(), re.MULTILINE)
    failed = [(rule, why) for rule, why in failed if rule not in HALVES]
    print(f"passed {passed}, skipped {skipped}")
    for rule, why in failed:
        print(f"{rule} {why}")
    if not passed:
        print(said.getvalue(), file=sys.stderr)
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
