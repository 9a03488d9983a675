"""The sandbox under the real SDK, with requests of our own."""

import pytest
from botocore.exceptions import ClientError

PRODUCT = "prod-saas000000001"


def change(kind, details, identifier="$Make.Entity.Identifier"):
    entity = {"Type": "Offer@1.0"} if identifier is None else {"Type": "Offer@1.0", "Identifier": identifier}
    request = {"ChangeType": kind, "Entity": entity, "DetailsDocument": details}
    return request | ({"ChangeName": "Make"} if identifier is None else {})


def offer_for(buyer, name="Observability for Alder"):
    price = {
        "Type": "ConfigurableUpfrontPricingTerm",
        "CurrencyCode": "USD",
        "RateCards": [
            {
                "Selector": {"Type": "Duration", "Value": "P12M"},
                "RateCard": [{"DimensionKey": "Seats", "Price": "950.00"}],
                "Constraints": {"MultipleDimensionSelection": "Allowed", "QuantityConfiguration": "Allowed"},
            }
        ],
    }
    legal = {"Type": "LegalTerm", "Documents": [{"Type": "StandardEula", "Version": "2022-07-14"}]}
    return [
        change("CreateOffer", {"ProductId": PRODUCT}, None),
        change("UpdateInformation", {"Name": name, "Description": "A year of observability"}),
        change("UpdateTargeting", {"PositiveTargeting": {"BuyerAccounts": [buyer]}}),
        change("UpdatePricingTerms", {"PricingModel": "Contract", "Terms": [price]}),
        change("UpdateLegalTerms", {"Terms": [legal]}),
        change("UpdateAvailability", {"AvailabilityEndDate": "2031-06-30"}),
        change("ReleaseOffer", {}),
    ]


@pytest.fixture
def released(sandbox, seller):
    sandbox.control("/clock", {"now": "2031-05-01T08:00:00Z"})
    buyer = sandbox.account("buyer")["account_id"]
    started = seller.start_change_set(
        Catalog="AWSMarketplace", ChangeSet=offer_for(buyer), ChangeSetName="step 1", ClientRequestToken="token-1"
    )
    described = sandbox.finished(seller, started["ChangeSetId"])
    assert described["Status"] == "SUCCEEDED", described
    return described["ChangeSet"][0]["Entity"]["Identifier"]


def test_an_offer_is_created_listed_and_described(sandbox, seller, released):
    entity = seller.describe_entity(Catalog="AWSMarketplace", EntityId=released)
    assert entity["EntityType"] == "Offer@1.0"
    assert entity["EntityIdentifier"] == f"{released}@1"
    assert entity["DetailsDocument"]["State"] == "Released"
    assert entity["DetailsDocument"]["Rules"][-1]["AvailabilityEndDate"].startswith("2031-06-30T")
    listed = seller.list_entities(
        Catalog="AWSMarketplace",
        EntityType="Offer",
        EntityTypeFilters={"OfferFilters": {"Name": {"WildCardValue": "Alder"}}},
    )
    assert [row["EntityId"] for row in listed["EntitySummaryList"]] == [released]
    sets = seller.list_change_sets(
        Catalog="AWSMarketplace", FilterList=[{"Name": "ChangeSetName", "ValueList": ["step 1"]}]
    )
    assert [row["EntityIdList"] for row in sets["ChangeSetSummaryList"]] == [[released]]
    batch = seller.batch_describe_entities(
        EntityRequestList=[{"Catalog": "AWSMarketplace", "EntityId": id} for id in (released, "offer-nowhere")]
    )
    assert released in batch["EntityDetails"]
    assert batch["Errors"]["offer-nowhere"]["ErrorCode"] == "ResourceNotFoundException"


def test_a_repeated_token_gives_the_same_change_set(sandbox, seller):
    buyer = sandbox.account("buyer")["account_id"]
    ask = {"Catalog": "AWSMarketplace", "ChangeSet": offer_for(buyer), "ClientRequestToken": "again"}
    assert seller.start_change_set(**ask)["ChangeSetId"] == seller.start_change_set(**ask)["ChangeSetId"]
    with pytest.raises(seller.exceptions.ValidationException):
        seller.start_change_set(**ask | {"ChangeSet": offer_for(buyer, "Another name")})


def test_errors_are_the_models_exceptions(sandbox, seller, released):
    sandbox.control("/aws/faults", {"op": "StartChangeSet", "effect": "stuck_change_set", "for": "PT1H", "times": 1})
    extend = [change("UpdateAvailability", {"AvailabilityEndDate": "2031-07-31"}, released)]
    seller.start_change_set(Catalog="AWSMarketplace", ChangeSet=extend)
    with pytest.raises(seller.exceptions.ResourceInUseException):
        seller.start_change_set(Catalog="AWSMarketplace", ChangeSet=extend, ClientRequestToken="second")
    with pytest.raises(seller.exceptions.ResourceNotFoundException):
        seller.describe_entity(Catalog="AWSMarketplace", EntityId="offer-nowhere")
    with pytest.raises(seller.exceptions.ValidationException) as refused:
        seller.start_change_set(Catalog="AWSMarketplace", ChangeSet=[change("CreateOffer", {}, None)])
    assert refused.value.response["ValidationExceptionFieldList"][0]["Field"] == "ProductId"
    stranger = sandbox.client("marketplace-catalog", {"access_key": "AKIANOBODY", "secret_key": "x"})
    with pytest.raises(ClientError) as unknown:
        stranger.list_entities(Catalog="AWSMarketplace", EntityType="Offer")
    assert unknown.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_an_agreement_over_both_sides(sandbox, seller, agreements, released):
    buyer = sandbox.account("buyer")
    accepted = sandbox.control(
        f"/aws/buyers/{buyer['account_id']}/accept", {"offer_id": released, "quantities": {"Seats": 3}}
    )["agreement_id"]
    ask = [("PartyType", "Proposer"), ("AgreementType", "PurchaseAgreement"), ("OfferId", released)]
    found = agreements.search_agreements(
        catalog="AWSMarketplace", filters=[{"name": name, "values": [value]} for name, value in ask]
    )
    assert [row["agreementId"] for row in found["agreementViewSummaries"]] == [accepted]
    described = agreements.describe_agreement(agreementId=accepted)
    assert described["estimatedCharges"] == {"currencyCode": "USD", "agreementValue": "2850.00"}
    assert described["endTime"].date().isoformat() == "2032-05-01"
    terms = agreements.get_agreement_terms(agreementId=accepted)["acceptedTerms"]
    upfront = next(term["configurableUpfrontPricingTerm"] for term in terms if "configurableUpfrontPricingTerm" in term)
    assert upfront["configuration"]["dimensions"] == [{"dimensionKey": "Seats", "dimensionValue": 3}]
    invoices = agreements.list_agreement_invoice_line_items(agreementId=accepted, groupBy="INVOICE_ID")
    groups = invoices["agreementInvoiceLineItemGroupSummaries"]
    assert [group["pricingCurrencyAmount"]["amount"] for group in groups] == ["2850.00"]
    theirs = sandbox.client("marketplace-agreement", buyer)
    charges = theirs.list_agreement_charges(agreementId=accepted)["items"]
    assert [charge["amount"] for charge in charges] == ["2850.00"]
    status = theirs.get_agreement_entitlements(agreementId=accepted)["agreementEntitlements"][0]["status"]
    assert status == "PROVISIONED"
    request = agreements.send_agreement_cancellation_request(agreementId=accepted, reasonCode="TEST_AGREEMENT")
    answered = theirs.accept_agreement_cancellation_request(
        agreementId=accepted, agreementCancellationRequestId=request["agreementCancellationRequestId"]
    )
    assert answered["status"] == "APPROVED"
    assert agreements.describe_agreement(agreementId=accepted)["status"] == "CANCELLED"
    with pytest.raises(agreements.exceptions.ValidationException) as refused:
        agreements.send_agreement_cancellation_request(agreementId=accepted, reasonCode="OTHER")
    assert refused.value.response["reason"] == "INACTIVE_AGREEMENT"
    with pytest.raises(agreements.exceptions.ResourceNotFoundException):
        agreements.describe_agreement(agreementId="agmt-nowhere")


def test_a_buyer_accepts_over_the_wire(sandbox, agreements, released):
    theirs = sandbox.client("marketplace-agreement", sandbox.account("buyer"))
    suffix = released.removeprefix("offer-")
    choice = {"selectorValue": "P12M", "dimensions": [{"dimensionKey": "Seats", "dimensionValue": 2}]}
    request = theirs.create_agreement_request(
        intent="NEW",
        agreementProposalIdentifier=f"ap-{suffix}",
        requestedTerms=[
            {"id": f"term-{suffix}-0", "configuration": {"configurableUpfrontPricingTermConfiguration": choice}},
            {"id": f"term-{suffix}-1"},
        ],
    )
    assert request["chargeSummary"]["newAgreementValue"] == "1900.00"
    accepted = theirs.accept_agreement_request(agreementRequestId=request["agreementRequestId"])["agreementId"]
    assert agreements.describe_agreement(agreementId=accepted)["status"] == "ACTIVE"
