"""AWS's published requests, sent unchanged by the real SDK, accepted or refused as the rules say.

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


def text_of(name):
    return (Path(DATA) / "requests" / name).read_text()


def published(name):
    return json.loads(text_of(name))


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
    text = text_of("saas-bulk-usage-private-offer.json")
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


@pytest.fixture
def machine_image(sandbox):
    """The product of the AMI and resale requests: instance types by the hour, users by contract."""
    instances = [{"key": key, "types": ["Metered"], "unit": "Hrs"} for key in ("t2.micro", "t2.small")]
    product = {"id": PRODUCT, "kind": "AmiProduct", "title": "Published AMI", "visibility": "Public"}
    users = {"key": "ReadOnlyUsers", "types": ["Entitled"]}
    return sandbox.control("/aws/products", product | {"dimensions": [*instances, users]})


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("ami-contract-private-offer.json", "2022-12-01", "SUCCEEDED"),
        ("ami-contract-private-offer.json", "2024-06-01", "INVALID_AVAILABILITY_END_DATE"),
        ("ami-hourly-private-offer.json", "2024-12-01", "SUCCEEDED"),
        ("ami-hourly-annual-private-offer.json", "2023-06-01", "SUCCEEDED"),
        # 395 days until the offer ends and 365 of its annual term are more than the 650 of the agreement.
        ("ami-hourly-annual-private-offer.json", "2022-12-01", "INVALID_AGREEMENT_DURATION"),
    ],
)
def test_ami_offers(sandbox, seller, machine_image, name, at, expected):
    sandbox.control("/clock", {"now": f"{at}T00:00:00Z"})
    assert outcome(sandbox, seller, published(name)) == expected


@pytest.fixture
def reseller(sandbox):
    return sandbox.client("marketplace-catalog", sandbox.account("reseller"))


def authorized(sandbox, seller, name, reseller_account, at=BEFORE_ALL_DATES):
    """Runs a published request for a resale authorization; its id and its document."""
    sandbox.control("/clock", {"now": at})
    request = published(name)
    request["ChangeSet"][0]["DetailsDocument"]["ResellerAccountId"] = reseller_account
    described = sandbox.finished(seller, seller.start_change_set(**request)["ChangeSetId"])
    assert described["Status"] == "SUCCEEDED", described
    made = described["ChangeSet"][0]["Entity"]["Identifier"]
    return made, seller.describe_entity(Catalog="AWSMarketplace", EntityId=made)["DetailsDocument"]


@pytest.mark.parametrize(
    ("name", "status", "usage"),
    [
        ("ra-onetime-specific-buyer.json", "Active", "Limited"),
        ("ra-multiuse-expiry-cppo.json", "Active", "Unlimited"),
        ("ra-onetime-renewal-draft.json", "Draft", "Limited"),
        ("ra-onetime-custom-reseller-contract.json", "Active", "Limited"),
    ],
)
def test_resale_authorizations(sandbox, seller, machine_image, name, status, usage):
    sandbox.control("/accounts", {"role": "reseller", "name": "Published Resale", "account_id": "111111111111"})
    made, document = authorized(sandbox, seller, name, "111111111111")
    assert (document["Status"], document["Rules"][0]["Usage"]) == (status, usage)
    theirs = sandbox.client("marketplace-catalog", sandbox.control("/accounts")["accounts"][-1])
    shared = theirs.list_entities(
        Catalog="AWSMarketplace", EntityType="ResaleAuthorization", OwnershipType="SHARED"
    )["EntitySummaryList"]
    assert [row["EntityId"] for row in shared] == ([made] if status == "Active" else [])
    again = published("ra-restrict.json")
    request = json.loads(json.dumps(again).replace("resaleauthz-1111111111111", made))
    with pytest.raises(seller.exceptions.ResourceNotFoundException):
        seller.start_change_set(**again)
    assert outcome(sandbox, seller, request) == ("SUCCEEDED" if status == "Active" else "INCOMPATIBLE_STATUS")
    assert outcome(sandbox, seller, request) == "INCOMPATIBLE_STATUS"


def resold(name, authorization):
    """A reseller's published request about an authorization of this sandbox, nothing else changed."""
    text = json.dumps(published(name))
    for blank in ("resaleauthz-1111111111111", "11111111-1111-1111-1111-111111111111"):
        text = text.replace(blank, authorization)
    return json.loads(text)


@pytest.mark.parametrize(
    ("name", "source", "at", "price"),
    [
        ("cppo-draft.json", "ra-multiuse-expiry-cppo.json", "2023-04-01", "150"),
        ("cppo-publish-price-markup.json", "ra-multiuse-expiry-cppo.json", "2023-04-01", "157.5"),
        ("cppo-publish-eula.json", "ra-onetime-custom-reseller-contract.json", "2023-06-01", "150"),
        ("cppo-onetime-price-markup.json", "ra-onetime-custom-reseller-contract.json", "2023-04-01", "157.5"),
    ],
)
def test_offers_of_a_reseller(sandbox, seller, reseller, machine_image, name, source, at, price):
    account = sandbox.account("reseller")["account_id"]
    authorization, _ = authorized(sandbox, seller, source, account, f"{at}T00:00:00Z")
    request = resold(name, authorization)
    with pytest.raises(reseller.exceptions.ResourceNotFoundException):
        reseller.start_change_set(**published(name))
    with pytest.raises(seller.exceptions.AccessDeniedException):
        seller.start_change_set(**request)
    described = sandbox.finished(reseller, reseller.start_change_set(**request)["ChangeSetId"])
    assert described["Status"] == "SUCCEEDED", described
    offer = described["ChangeSet"][0]["Entity"]["Identifier"]
    document = reseller.describe_entity(Catalog="AWSMarketplace", EntityId=offer)["DetailsDocument"]
    assert document["ResaleAuthorizationId"] == authorization
    upfront = next(term for term in document["Terms"] if term["Type"] == "ConfigurableUpfrontPricingTerm")
    assert upfront["RateCards"][0]["RateCard"] == [{"DimensionKey": "t2.small", "Price": price}]
    licences = next(term["Documents"] for term in document["Terms"] if term["Type"] == "LegalTerm")
    assert len(licences) == (2 if "eula" in name else 1)
    once = "onetime" in source
    assert outcome(sandbox, reseller, request) == ("INCOMPATIBLE_RESALE_AUTHORIZATION" if once else "SUCCEEDED")
    # The agreement of a machine image must outlast the offer, so the extension is sent in the month that it is for.
    sandbox.control("/clock", {"now": "2025-07-01T00:00:00Z"})
    extended = about(published("cppo-update-expiry.json"), offer)
    assert outcome(sandbox, reseller, extended) == "SUCCEEDED"


def test_an_offer_set_needs_its_offers_and_notes_for_the_buyer(sandbox, seller):
    sandbox.control("/clock", {"now": BEFORE_ALL_DATES})
    request = published("offerset-workflow.json")
    with pytest.raises(seller.exceptions.ResourceNotFoundException):
        seller.start_change_set(**request)
    text = json.dumps(request)
    for blank, product, key in (("offer-abc123", "prod-one", "BasicService"), ("offer-xyz123", "prod-two", "BasicService")):
        dimensions = [{"key": key, "types": ["Entitled"]}, {"key": "PremiumService", "types": ["Entitled"]}]
        sandbox.control("/aws/products", {"id": product, "kind": "SaaSProduct", "dimensions": dimensions})
        source = json.dumps(published("saas-tiered-contract-private-offer.json")).replace(PRODUCT, product)
        made = sandbox.finished(seller, seller.start_change_set(**json.loads(source))["ChangeSetId"])
        text = text.replace(blank, made["ChangeSet"][0]["Entity"]["Identifier"])
    sandbox.control("/aws/solutions", {"id": "soln-abc123", "products": ["prod-one", "prod-two"]})
    request = json.loads(text)
    assert outcome(sandbox, seller, request) == "MISSING_BUYER_NOTES"
    notes = json.loads(json.dumps(request["ChangeSet"][1]))
    notes |= {"ChangeType": "UpdateInformation", "DetailsDocument": {"BuyerNotes": "All that was agreed."}}
    request["ChangeSet"].append(notes)
    assert outcome(sandbox, seller, request) == "SUCCEEDED"
    listed = seller.list_entities(Catalog="AWSMarketplace", EntityType="OfferSet")["EntitySummaryList"]
    assert [row["OfferSetSummary"]["State"] for row in listed] == ["Released"]


def test_every_published_request_has_its_test():
    tested = Path(__file__).read_text()
    untested = [path.name for path in (Path(DATA) / "requests").glob("*.json") if f'"{path.name}"' not in tested]
    assert untested == []
