"""Requests about agreements under the real SDK: payments, billing adjustments, an early end, invoices."""

import pytest

from test_own_requests import released  # noqa: F401  (a fixture)


@pytest.fixture
def agreement(sandbox, released):  # noqa: F811
    buyer = sandbox.account("buyer")["account_id"]
    return sandbox.control(f"/aws/buyers/{buyer}/accept", {"offer_id": released})["agreement_id"]


@pytest.fixture
def buyer(sandbox):
    return sandbox.client("marketplace-agreement", sandbox.account("buyer"))


def billed(agreements, agreement, **filters):
    answer = agreements.list_agreement_invoice_line_items(agreementId=agreement, groupBy="INVOICE_ID", **filters)
    return answer["agreementInvoiceLineItemGroupSummaries"]


def entry(agreement, invoice, amount, token, **changes):
    return {
        "agreementId": agreement,
        "originalInvoiceId": invoice,
        "adjustmentAmount": amount,
        "currencyCode": "USD",
        "adjustmentReasonCode": "BUYER_DISSATISFACTION",
        "clientToken": token,
    } | changes


def test_money_is_given_back(sandbox, agreements, agreement):
    invoice = billed(agreements, agreement)[0]["invoiceId"]
    entries = [entry(agreement, invoice, "10.50", "t-1"), entry(agreement, "2000000000", "1", "t-2")]
    made = agreements.batch_create_billing_adjustment_request(billingAdjustmentRequestEntries=entries)
    assert [error["code"] for error in made["errors"]] == ["RESOURCE_NOT_FOUND_EXCEPTION"]
    again = agreements.batch_create_billing_adjustment_request(billingAdjustmentRequestEntries=entries)
    assert again["items"] == made["items"]
    request = made["items"][0]["billingAdjustmentRequestId"]
    sandbox.control("/clock", {"advance": "PT1M"})
    seen = agreements.get_billing_adjustment_request(agreementId=agreement, billingAdjustmentRequestId=request)
    assert (seen["status"], seen["adjustmentAmount"]) == ("COMPLETED", "10.50")
    listed = agreements.list_billing_adjustment_requests(agreementId=agreement, createdAfter=seen["createdAt"])
    assert listed["items"] == []
    listed = agreements.list_billing_adjustment_requests(agreementId=agreement, status="COMPLETED")
    assert [row["billingAdjustmentRequestId"] for row in listed["items"]] == [request]
    assert len(billed(agreements, agreement, invoiceType="CREDIT_MEMO")) == 1
    assert len(billed(agreements, agreement, afterIssuedTime=seen["createdAt"])) == 1


def test_adjustments_are_refused_with_the_models_reasons(agreements, agreement):
    invoice = billed(agreements, agreement)[0]["invoiceId"]
    rows = [
        ([], "MISSING_BILLING_ADJUSTMENT_REQUEST_ENTRY"),
        ([entry(agreement, invoice, "1000000", "t")], "EXCEEDED_MAXIMUM_ADJUSTMENT_AMOUNT"),
        ([entry(agreement, invoice, "0", "t")], "INVALID_ADJUSTMENT_AMOUNT"),
        ([entry(agreement, invoice, "1", "t", currencyCode="EUR")], "INVALID_CURRENCY_CODE"),
        ([entry(agreement, invoice, "1", "t", adjustmentReasonCode="OTHER")], "MISSING_DESCRIPTION"),
        ([entry(agreement, invoice, "1", "t"), entry("agmt-x", invoice, "1", "u")], "MULTIPLE_AGREEMENT_IDS"),
    ]
    for entries, reason in rows:
        with pytest.raises(agreements.exceptions.ValidationException) as refused:
            agreements.batch_create_billing_adjustment_request(billingAdjustmentRequestEntries=entries)
        assert refused.value.response["reason"] == reason


def test_payments_are_asked_for(sandbox, agreements, buyer, agreement):
    control = f"/aws/agreements/{agreement}/variable-payment"
    term = sandbox.control(control, {"max_total_charge_amount": "500.00", "expiration_duration": "P10D"})["term_id"]
    terms = agreements.get_agreement_terms(agreementId=agreement)["acceptedTerms"]
    variable = next(term["variablePaymentTerm"] for term in terms if "variablePaymentTerm" in term)
    assert variable["configuration"]["expirationDuration"] == "P10D"
    ask = {"agreementId": agreement, "termId": term, "name": "Onboarding week", "chargeAmount": "100.00"}
    sent = [agreements.send_agreement_payment_request(**ask)["paymentRequestId"] for _ in range(4)]
    named = [{"agreementId": agreement, "paymentRequestId": request} for request in sent]
    assert buyer.accept_agreement_payment_request(**named[0], purchaseOrderReference="PO-7")["status"] == "APPROVED"
    assert buyer.reject_agreement_payment_request(**named[1], rejectionReason="No")["status"] == "REJECTED"
    assert agreements.cancel_agreement_payment_request(**named[2])["status"] == "CANCELLED"
    with pytest.raises(buyer.exceptions.ConflictException):
        buyer.accept_agreement_payment_request(**named[2])
    sandbox.control("/clock", {"advance": "P10D"})
    seen = [agreements.get_agreement_payment_request(**one)["status"] for one in named]
    assert seen == ["APPROVED", "REJECTED", "CANCELLED", "APPROVED"]
    listed = buyer.list_agreement_payment_requests(partyType="Acceptor", status="APPROVED")["items"]
    assert sorted(row["paymentRequestId"] for row in listed) == sorted([sent[0], sent[3]])
    with pytest.raises(agreements.exceptions.ValidationException) as refused:
        agreements.send_agreement_payment_request(**ask | {"chargeAmount": "300.01"})
    assert refused.value.response["reason"] == "INVALID_CHARGE_AMOUNT"


def test_lists_are_paged(sandbox, agreements, agreement):
    invoice = billed(agreements, agreement)[0]["invoiceId"]
    entries = [entry(agreement, invoice, "0.01", f"t-{n}") for n in range(7)]
    agreements.batch_create_billing_adjustment_request(billingAdjustmentRequestEntries=entries)
    seen, ask = [], {"agreementId": agreement, "maxResults": 3}
    while True:
        page = agreements.list_billing_adjustment_requests(**ask)
        seen += [row["billingAdjustmentRequestId"] for row in page["items"]]
        if "nextToken" not in page:
            break
        ask["nextToken"] = page["nextToken"]
    assert len(set(seen)) == 7


@pytest.mark.parametrize("status", ["ARCHIVED", "ROLLED_BACK", "SUPERSEDED", "TERMINATED"])
def test_every_ending_is_a_word_of_the_model(sandbox, agreements, agreement, status):
    sandbox.control(f"/aws/agreements/{agreement}/end", {"status": status})
    assert agreements.describe_agreement(agreementId=agreement)["status"] == status
    with pytest.raises(agreements.exceptions.ValidationException) as refused:
        agreements.send_agreement_cancellation_request(agreementId=agreement, reasonCode="OTHER")
    assert refused.value.response["reason"] == "INACTIVE_AGREEMENT"


def test_a_buyers_request_is_read_and_cancelled(sandbox, agreements, buyer, released):  # noqa: F811
    suffix = released.removeprefix("offer-")
    choice = {"selectorValue": "P12M", "dimensions": [{"dimensionKey": "Seats", "dimensionValue": 2}]}
    request = buyer.create_agreement_request(
        intent="NEW",
        agreementProposalIdentifier=f"ap-{suffix}",
        requestedTerms=[
            {"id": f"term-{suffix}-0", "configuration": {"configurableUpfrontPricingTermConfiguration": choice}},
            {"id": f"term-{suffix}-1"},
        ],
    )["agreementRequestId"]
    assert buyer.get_agreement_request(agreementRequestId=request)["status"] == "DRAFT"
    buyer.cancel_agreement_request(agreementRequestId=request)
    listed = buyer.list_agreement_requests(status="CANCELLED")["items"]
    assert [row["agreementRequestId"] for row in listed] == [request]
    with pytest.raises(buyer.exceptions.ConflictException):
        buyer.accept_agreement_request(agreementRequestId=request)
