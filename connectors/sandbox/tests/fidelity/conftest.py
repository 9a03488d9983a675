"""Starts the sandbox and gives each test real AWS clients whose answers are held against the service model.

`ENTENTE_BIN` names the product's binary (`<bin> sandbox --listen 127.0.0.1:0`), `ENTENTE_SANDBOX_BIN`
one that takes the same words, such as the crate's example `serve`.
"""

import json
import os
import subprocess
import time
import urllib.request

import boto3
import pytest
from botocore.config import Config

from model_check import error_problems, problems


class Sandbox:
    """A running sandbox: its accounts, its controls and its clients."""

    def __init__(self, ready):
        self.ready = ready
        self.answers = 0

    def account(self, role, index=0):
        return [account for account in self.ready["accounts"] if account["role"] == role][index]

    def control(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.ready["control_url"] + path,
            data=data,
            method=method or ("GET" if body is None else "POST"),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def client(self, service, account):
        client = boto3.client(
            service,
            endpoint_url=self.ready["aws_url"],
            region_name="us-east-1",
            aws_access_key_id=account["access_key"],
            aws_secret_access_key=account["secret_key"],
            config=Config(retries={"mode": "standard", "max_attempts": 6}),
        )
        client.meta.events.register("before-parse", self._check)
        return client

    def _check(self, operation_model, response_dict, **_):
        self.answers += 1
        status, body = response_dict["status_code"], response_dict["body"]
        if status == 200:
            found = problems(operation_model.output_shape, json.loads(body or b"{}"))
            assert not found, f"{operation_model.name}: {found}"
        else:
            error = json.loads(body)
            # The catalogue names its errors in a header.
            error.setdefault("__type", response_dict["headers"].get("x-amzn-errortype", ""))
            found = error_problems(operation_model, error)
            assert not found, f"{operation_model.name}: {found}"

    def finished(self, catalog, change_set_id):
        """Waits until a change set has ended and returns its description."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            described = catalog.describe_change_set(Catalog="AWSMarketplace", ChangeSetId=change_set_id)
            if described["Status"] not in ("PREPARING", "APPLYING"):
                return described
            time.sleep(0.15)
        raise AssertionError(f"the change set {change_set_id} does not end")


@pytest.fixture
def sandbox():
    binary = os.environ.get("ENTENTE_BIN") or os.environ.get("ENTENTE_SANDBOX_BIN")
    if not binary:
        pytest.exit("set ENTENTE_BIN or ENTENTE_SANDBOX_BIN to the binary that serves the sandbox", returncode=2)
    process = subprocess.Popen([binary, "sandbox", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        yield Sandbox(json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def seller(sandbox):
    return sandbox.client("marketplace-catalog", sandbox.account("seller"))


@pytest.fixture
def agreements(sandbox):
    return sandbox.client("marketplace-agreement", sandbox.account("seller"))


def pytest_terminal_summary(terminalreporter):
    data = os.environ.get("ENTENTE_FIDELITY_DATA")
    told = f"sent unchanged from {data}" if data else "SKIPPED: ENTENTE_FIDELITY_DATA does not name them"
    terminalreporter.write_line(f"published requests: {told}")
