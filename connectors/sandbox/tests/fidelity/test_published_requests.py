"""AWS's published SaaS requests, sent unchanged by the real SDK, accepted or refused as the rules say.

`ENTENTE_FIDELITY_DATA` names the folder that holds `requests/*.json`.
"""

import json
import os
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

DATA = os.environ.get("ENTENTE_FIDELITY_DATA")
PRODUCT = "prod-1111111111111"
OFFER = "offer-1111111111111"

pytestmark = pytest.mark.skipif(not DATA, reason="ENTENTE_FIDELITY_DATA does not name the published requests")

BEFORE_ALL_DATES = "2022-12-01T00:00:00Z"


def published(name):
    return json.loads((Path(DATA) / "requests" / name).read_text())


@pytest.fixture
def catalogue(sandbox):
    """The product that the requests name, at a time before the dates that they name."""
    sandbox.control("/clock", {"now": BEFORE_ALL_DATES})
    metered, entitled = ("WorkloadSmall", "WorkloadMedium"), ("BasicService", "PremiumService")
    dimensions = [{"key": key, "name": key, "types": ["ExternallyMetered"]} for key in metered]
    dimensions += [{"key": key, "name": key, "types": ["Entitled"]} for key in entitled]
    product = {"id": PRODUCT, "kind": "SaaSProduct", "title": "Published", "visibility": "Public"}
    return sandbox.control("/aws/products", product | {"dimensions": dimensions})


@pytest.mark.parametrize(
    "name",
    [
        "saas-usage-private-offer.json",
        "saas-contract-payg-private-offer.json",
        "saas-tiered-contract-private-offer.json",
        "public-free-trial-offer.json",
        "draft-private-offer.json",
    ],
)
def test_a_complete_request_succeeds(sandbox, seller, catalogue, name):
    request = published(name)
    described = sandbox.finished(seller, seller.start_change_set(**request)["ChangeSetId"])
    assert described["Status"] == "SUCCEEDED", described
    offer = described["ChangeSet"][0]["Entity"]["Identifier"]
    entity = seller.describe_entity(Catalog="AWSMarketplace", EntityId=offer)
    expected = "Draft" if name.startswith("draft") else "Released"
    assert entity["DetailsDocument"]["State"] == expected


@pytest.mark.parametrize(
    "name", ["saas-usage-private-offer.json", "saas-contract-payg-private-offer.json", "saas-tiered-contract-private-offer.json"]
)
def test_the_same_request_fails_after_its_dates_have_passed(sandbox, seller, catalogue, name):
    sandbox.control("/clock", {"now": "2024-06-01T00:00:00Z"})
    described = sandbox.finished(seller, seller.start_change_set(**published(name))["ChangeSetId"])
    assert (described["Status"], described["FailureCode"]) == ("FAILED", "CLIENT_ERROR")
    failed = {row["ChangeType"]: row["ErrorDetailList"] for row in described["ChangeSet"] if row["ErrorDetailList"]}
    assert failed["UpdateAvailability"][0]["ErrorCode"] == "INVALID_AVAILABILITY_END_DATE"


def test_the_bulk_template_is_accepted_once_it_is_filled_in(sandbox, seller, catalogue):
    text = (Path(DATA) / "requests" / "saas-bulk-usage-private-offer.json").read_text()
    blanks = {
        "PRODUCT_ID": PRODUCT,
        "OFFER_NAME": "Bulk offer",
        "OFFER_DESCRIPTION": "Made from a template",
        "BUYER_IDS": ["111111111111"],
        "EXPIRY_DATE": "2023-12-31",
        "CUSTOM_EULA_URL": "https://s3.amazonaws.com/sample-bucket/custom-eula.pdf",
        "RATE_CARDS": [{"DimensionKey": "WorkloadSmall", "Price": "0.10"}],
        "CONTRACT_DURATION_DAYS": "P90D",
    }
    with pytest.raises(ClientError):
        seller.start_change_set(**json.loads(text))
    for blank, value in blanks.items():
        text = text.replace(f'"{{{{{blank}}}}}"', json.dumps(value))
    described = sandbox.finished(seller, seller.start_change_set(**json.loads(text))["ChangeSetId"])
    assert described["Status"] == "SUCCEEDED", described


def outcome(sandbox, seller, request):
    """`SUCCEEDED`, or the asynchronous error code."""
    described = sandbox.finished(seller, seller.start_change_set(**request)["ChangeSetId"])
    codes = [error["ErrorCode"] for row in described["ChangeSet"] for error in row["ErrorDetailList"]]
    return described["Status"] if not codes else codes[0]


def about(request, offer):
    """The published request about an offer of this sandbox, nothing else changed."""
    return json.loads(json.dumps(request).replace(OFFER, offer))


@pytest.mark.parametrize(
    ("name", "on_draft", "on_released"),
    [
        ("update-offer-name-description.json", "SUCCEEDED", "SUCCEEDED"),
        ("update-offer-targeting.json", "SUCCEEDED", "INCOMPATIBLE_TARGETING"),
        ("update-eula.json", "SUCCEEDED", "INCOMPATIBLE_TERMS"),
        ("update-refund-policy.json", "SUCCEEDED", "INCOMPATIBLE_TERMS"),
        ("extend-private-offer.json", "SUCCEEDED", "SUCCEEDED"),
    ],
)
def test_updates_depend_on_the_state_of_the_offer(sandbox, seller, catalogue, name, on_draft, on_released):
    request = published(name)
    with pytest.raises(seller.exceptions.ResourceNotFoundException):
        seller.start_change_set(**request)
    for source, expected in (("draft-private-offer.json", on_draft), ("saas-usage-private-offer.json", on_released)):
        made = sandbox.finished(seller, seller.start_change_set(**published(source))["ChangeSetId"])
        offer = made["ChangeSet"][0]["Entity"]["Identifier"]
        assert outcome(sandbox, seller, about(request, offer)) == expected


def test_a_past_date_expires_a_released_offer(sandbox, seller, catalogue):
    made = sandbox.finished(seller, seller.start_change_set(**published("saas-usage-private-offer.json"))["ChangeSetId"])
    offer = made["ChangeSet"][0]["Entity"]["Identifier"]
    sandbox.control("/clock", {"now": "2023-06-01T00:00:00Z"})
    assert outcome(sandbox, seller, about(published("expire-private-offer.json"), offer)) == "SUCCEEDED"
    assert sandbox.control(f"/aws/offers/{offer}")["expired"] is True


def test_a_replacement_offer_needs_its_agreement(sandbox, seller, catalogue):
    request = published("replacement-private-offer-contract.json")
    with pytest.raises(seller.exceptions.ResourceNotFoundException):
        seller.start_change_set(**request)
    made = sandbox.finished(
        seller, seller.start_change_set(**published("saas-tiered-contract-private-offer.json"))["ChangeSetId"]
    )
    offer = made["ChangeSet"][0]["Entity"]["Identifier"]
    sandbox.control("/clock", {"now": "2023-06-01T00:00:00Z"})
    agreement = sandbox.control("/aws/buyers/111111111111/accept", {"offer_id": offer})["agreement_id"]
    request = json.loads(json.dumps(request).replace("agmt-1111111111111111111111111", agreement))
    assert outcome(sandbox, seller, request) == "SUCCEEDED"
