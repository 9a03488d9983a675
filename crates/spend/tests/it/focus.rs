//! FOCUS rows: channel, kind, dates, and what is quarantined.

use entente_core::commitment::{
    Accounts, Cost, Discounts,
    eligibility::{Frequency, Mark},
};
use entente_spend::{FocusVersion, Shape, SpendError, Wanted};

use crate::files::{HEADING, focus, gzipped, read_all, row, wanted};

#[test]
fn rows_that_differ_in_their_amount_and_hour_alone_are_one_class() {
    let later = [
        ("ChargePeriodStart", "2026-03-05T11:00:00Z"),
        ("ChargePeriodEnd", "2026-03-05T12:00:00Z"),
        ("BilledCost", "2e-7"),
    ];
    let whole = read_all(&focus(&[&[], &later, &[("BilledCost", "-0.25")]]), &wanted("aws")).unwrap();
    assert_eq!(whole.classes(), ["2026-03-05 1001 Amazon S3 Cloud Usage 1.0000002 x3"]);
    let class = &whole.portions[0].classes[0];
    assert_eq!((class.first_row, class.last_row), (1, 3));
    assert_eq!(class.line.frequency, Frequency::UsageBased);
    assert_eq!(class.line.dates.invoice, Some("2026-03-31".parse().unwrap()));
    assert_eq!(whole.summary.sniffed.to_string(), "focus 1.0 csv");
    assert_eq!(
        (whole.summary.from, whole.summary.through),
        (Some("2026-03-05".parse().unwrap()), Some("2026-03-05".parse().unwrap()))
    );
}

#[test]
fn gzip_changes_nothing() {
    let bytes = focus(&[&[], &[("BilledCost", "3")]]);
    let (plain, zipped) =
        (read_all(&bytes, &wanted("aws")).unwrap(), read_all(&gzipped(&bytes), &wanted("aws")).unwrap());
    assert_eq!(plain.portions, zipped.portions);
    assert_eq!(zipped.summary.sniffed.to_string(), "focus 1.0 csv.gz");
    let cut = &gzipped(&bytes)[..60];
    assert!(matches!(read_all(cut, &wanted("aws")), Err(SpendError::Damaged(_))));
}

/// A file as spreadsheets write it elsewhere: with this between its fields, in UTF-16 with its mark.
fn rewritten(csv: &[u8], delimiter: u8, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    reader.records().for_each(|record| writer.write_record(&record.unwrap()).unwrap());
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn what_parts_fields_and_how_texts_are_written_change_nothing() {
    let odd = [("ServiceName", "Ünïcode; with, all 𝄞"), ("PublisherName", "Amazon Web Services, Inc.")];
    let bytes = focus(&[&[], &odd, &[("BilledCost", "soon")], &[("ChargePeriodStart", "")]]);
    let expected = read_all(&bytes, &wanted("aws")).unwrap();
    assert_eq!((expected.counted(), expected.quarantined().len()), (2, 2));
    for delimiter in [b',', b';', b'\t'] {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let other = rewritten(&bytes, delimiter, order);
            assert_eq!(read_all(&other, &wanted("aws")).unwrap().portions, expected.portions);
            assert_eq!(read_all(&gzipped(&other), &wanted("aws")).unwrap().portions, expected.portions);
            let cut = read_all(&other[..other.len() - 1], &wanted("aws")).err().unwrap();
            assert!(matches!(cut, SpendError::Damaged(_)), "{cut}");
        }
    }
}

#[test]
fn a_decimal_comma_is_set_aside_and_not_guessed() {
    let bytes = focus(&[&[("BilledCost", "1,250")], &[("BilledCost", "1.234,50")], &[("BilledCost", "1.25")]]);
    let whole = read_all(&rewritten(&bytes, b';', u16::to_le_bytes), &wanted("aws")).unwrap();
    assert_eq!(whole.classes(), ["2026-03-05 1001 Amazon S3 Cloud Usage 1.25 x1"]);
    assert_eq!(whole.quarantined(), ["not_a_number BilledCost 2 1 1,250"]);
}

#[test]
fn half_of_a_character_in_utf_16_sets_its_row_aside() {
    let other = rewritten(&focus(&[&[("ServiceName", "?")], &[]]), b',', u16::to_le_bytes);
    let at = other.chunks(2).rposition(|unit| unit == [b'?', 0]).unwrap() * 2;
    let bent = [&other[..at], &[0x34, 0xD8], &other[at + 2..]].concat();
    let whole = read_all(&bent, &wanted("aws")).unwrap();
    assert_eq!(whole.quarantined(), ["not_utf8 ServiceName 1 1 \u{fffd}"]);
    assert_eq!(whole.counted(), 1);
}

#[test]
fn what_others_publish_is_the_marketplaces() {
    let elses = [("PublisherName", "Red Hat Inc."), ("ServiceName", "OpenShift")];
    let entity = [("PublisherName", "Amazon Web Services EMEA SARL"), ("ServiceName", "Bedrock")];
    let nobody = [("PublisherName", "NULL"), ("ServiceName", "EC2")];
    let whole = read_all(&focus(&[&elses, &entity, &nobody]), &wanted("aws")).unwrap();
    assert_eq!(
        whole.classes(),
        [
            "2026-03-05 1001 Bedrock Cloud Usage 1.25 x1",
            "2026-03-05 1001 EC2 Cloud Usage 1.25 x1",
            "2026-03-05 1001 OpenShift Marketplace Usage 1.25 x1",
        ]
    );
}

#[test]
fn kinds_follow_from_category_class_discount_and_sign() {
    let cases: [(&[(&str, &str)], &str); 12] = [
        (&[("ChargeCategory", "Tax")], "Tax"),
        (&[("ChargeCategory", "Credit"), ("BilledCost", "-1")], "Credit"),
        (&[("ChargeCategory", "Adjustment")], "Adjustment"),
        (&[("ChargeCategory", "Adjustment"), ("BilledCost", "-1")], "Refund"),
        (&[("ChargeClass", "Correction"), ("BilledCost", "-1")], "Refund"),
        (&[("ChargeClass", "Correction")], "Adjustment"),
        (&[("ChargeCategory", "Purchase")], "Purchase"),
        (&[("ChargeCategory", "Purchase"), ("BilledCost", "-1")], "Refund"),
        (&[("ChargeCategory", "Purchase"), ("CommitmentDiscountCategory", "Spend")], "SavingsPlanFee"),
        (&[("ChargeCategory", "Purchase"), ("CommitmentDiscountCategory", "Usage")], "ReservationFee"),
        (&[("CommitmentDiscountStatus", "Unused"), ("CommitmentDiscountCategory", "Usage")], "ReservationFee"),
        (&[("ServiceName", "AWS Support (Business)")], "Support"),
    ];
    for (changes, expected) in cases {
        let whole = read_all(&focus(&[changes]), &wanted("aws")).unwrap();
        let kind = format!("{:?}", whole.portions[0].classes[0].line.kind);
        assert_eq!(kind, expected, "{changes:?}");
    }
}

#[test]
fn a_correction_counts_in_its_billing_period_and_names_the_day_that_it_corrects() {
    let correction = [
        ("ChargeClass", "Correction"),
        ("BilledCost", "-4"),
        ("ChargePeriodStart", "2026-01-10"),
        ("ChargePeriodEnd", "2026-01-11"),
    ];
    let whole = read_all(&focus(&[&correction]), &wanted("aws")).unwrap();
    let dates = whole.portions[0].classes[0].line.dates;
    assert_eq!(
        (dates.charge.to_string(), dates.original.unwrap().to_string()),
        ("2026-03-01".into(), "2026-01-10".into())
    );
}

#[test]
fn an_instant_falls_on_the_day_of_the_contracts_zone_and_a_period_of_days_stays() {
    let mut wanted = wanted("aws");
    wanted.zone = "America/Los_Angeles".into();
    let instant = [("ChargePeriodStart", "2026-03-01T00:00:00Z"), ("ChargePeriodEnd", "2026-03-01T01:00:00Z")];
    let month = [("ChargePeriodStart", "2026-03-01T00:00:00Z"), ("ChargePeriodEnd", "2026-04-01T00:00:00Z")];
    let whole = read_all(&focus(&[&instant, &month]), &wanted).unwrap();
    assert_eq!(
        whole.classes(),
        ["2026-02-28 1001 Amazon S3 Cloud Usage 1.25 x1", "2026-03-01 1001 Amazon S3 Cloud Usage 1.25 x1"]
    );
}

#[test]
fn the_account_is_the_billed_one_unless_the_contract_names_the_one_below() {
    let mut wanted = wanted("aws");
    wanted.accounts = Accounts::Only(["2001".to_owned()].into());
    let bytes = focus(&[&[], &[("SubAccountId", "2002")]]);
    let whole = read_all(&bytes, &wanted).unwrap();
    assert_eq!(
        whole.classes(),
        ["2026-03-05 1001 Amazon S3 Cloud Usage 1.25 x1", "2026-03-05 2001 Amazon S3 Cloud Usage 1.25 x1"]
    );
}

#[test]
fn each_bad_row_is_quarantined_with_its_reason_and_a_sample() {
    let cases: [(&[(&str, &str)], &str); 11] = [
        (&[("BillingAccountId", "NULL")], "missing BillingAccountId 1 2 NULL"),
        (&[("BilledCost", "")], "missing BilledCost 1 2 "),
        (&[("BilledCost", "$10,000.00 ")], "not_a_number BilledCost 1 2 $10,000.00 "),
        (&[("BilledCost", "1e13")], "too_large BilledCost 1 2 1e13"),
        (&[("ChargePeriodStart", "5/1/25")], "not_a_date ChargePeriodStart 1 2 5/1/25"),
        (&[("ChargePeriodEnd", "2026-03-05 10:00:00")], "period_backwards ChargePeriodEnd 1 2 2026-03-05 10:00:00"),
        (&[("BillingCurrency", "EUR")], "other_currency BillingCurrency 1 2 EUR"),
        (&[("ProviderName", "Oracle"), ("InvoiceIssuerName", "Oracle")], "other_cloud ProviderName 1 2 Oracle"),
        (&[("ChargeCategory", "Gift")], "unknown_word ChargeCategory 1 2 Gift"),
        (&[("ChargeFrequency", "Now and then")], "unknown_word ChargeFrequency 1 2 Now and then"),
        (&[("ServiceName", "")], "missing ServiceName 1 2 "),
    ];
    for (changes, expected) in cases {
        let whole = read_all(&focus(&[&[], changes, &[]]), &wanted("aws")).unwrap();
        assert_eq!(whole.quarantined(), [expected]);
        assert_eq!(whole.classes(), ["2026-03-05 1001 Amazon S3 Cloud Usage 2.5 x2"]);
    }
}

#[test]
fn a_row_with_other_fields_than_the_heading_and_bytes_that_are_no_text_are_quarantined() {
    let mut bytes = format!("{HEADING}{}a,b\n", row(&[])).into_bytes();
    bytes.extend_from_slice(row(&[("ServiceName", "@@")]).replace("@@", "\u{1}").as_bytes());
    let at = bytes.iter().position(|byte| *byte == 1).unwrap();
    bytes[at] = 0xFF;
    let whole = read_all(&bytes, &wanted("aws")).unwrap();
    assert_eq!(whole.quarantined(), ["field_count  1 2 2 fields", "not_utf8 ServiceName 1 3 \u{fffd}"]);
}

#[test]
fn a_name_that_no_store_could_keep_is_quarantined_and_the_other_rows_count() {
    let (longest, longer) = ("x".repeat(1_000), "x".repeat(1_001));
    for (column, text) in [("ServiceName", "a\0b"), ("BillingAccountId", "1\u{1b}2"), ("ServiceName", longer.as_str())]
    {
        let whole = read_all(&focus(&[&[], &[(column, text)], &[]]), &wanted("aws")).unwrap();
        assert_eq!(whole.classes(), ["2026-03-05 1001 Amazon S3 Cloud Usage 2.5 x2"]);
        let quarantined = &whole.portions[0].quarantined[0];
        assert_eq!((quarantined.reason.name(), quarantined.column.as_str()), ("not_a_name", column));
    }
    let whole = read_all(&focus(&[&[("ServiceName", &longest)]]), &wanted("aws")).unwrap();
    assert_eq!((whole.counted(), whole.quarantined()), (1, vec![]));
}

#[test]
fn a_sample_is_short_and_without_control_characters() {
    let long = format!("\n{}", "x".repeat(5_000));
    let whole = read_all(&focus(&[&[("ChargeCategory", &long)]]), &wanted("aws")).unwrap();
    let sample = &whole.portions[0].quarantined[0].sample;
    assert_eq!(sample.chars().count(), entente_spend::SAMPLE_MOST);
    assert!(sample.starts_with(" xxx"));
}

#[test]
fn a_quote_that_is_never_closed_does_not_take_in_the_file() {
    let mut bytes = focus(&[&[]]);
    bytes.extend_from_slice(b"\"");
    bytes.resize(bytes.len() + 4 * 1024 * 1024, b'x');
    assert!(matches!(read_all(&bytes, &wanted("aws")), Err(SpendError::Damaged(_))));
}

#[test]
fn a_file_without_columns_that_are_needed_is_refused_with_their_names() {
    let without = |name: &str| {
        let heading = HEADING.replace(name, "Other").replace('\n', "");
        read_all(format!("{heading}\n").as_bytes(), &wanted("aws")).err().unwrap().to_string()
    };
    assert!(without("ServiceName").contains("it lacks the columns ServiceName;"));
    assert!(without("ProviderName").contains("it lacks the columns ProviderName;"));
    assert!(without("BilledCost").contains("it lacks the columns BilledCost;"));
    let unknown = read_all(b"a,b\n1,2\n", &wanted("aws"));
    assert!(matches!(unknown, Err(SpendError::UnknownShape { .. })));
}

#[test]
fn the_cost_is_that_of_the_basis_and_no_other_stands_in_for_it() {
    let mut wanted = wanted("aws");
    wanted.cost = Cost::Effective;
    let whole = read_all(&focus(&[&[]]), &wanted).unwrap();
    assert_eq!(whole.classes(), ["2026-03-05 1001 Amazon S3 Cloud Usage 1 x1"]);
    wanted.discounts = Discounts::Before;
    assert!(matches!(read_all(&focus(&[&[]]), &wanted), Err(SpendError::OtherBasis { .. })));
    wanted.cost = Cost::List;
    assert!(matches!(read_all(&focus(&[&[]]), &wanted), Err(SpendError::MissingColumns { .. })));
}

#[test]
fn in_1_4_the_seller_is_the_service_provider_and_the_host_tells_where_it_runs() {
    let heading = "BillingAccountId,BillingCurrency,ChargeCategory,ChargePeriodStart,ServiceProviderName,HostProviderName,InvoiceIssuerName,InvoiceId,ServiceName,BilledCost\n";
    let rows = "1,USD,Purchase,2026-03-01,Acme Inc.,AWS,AWS,i,Acme,5\n1,USD,Purchase,2026-03-01,Acme Inc.,Google Cloud,AWS,i,Acme,7\n1,USD,Usage,2026-03-01,AWS,AWS,AWS,i,S3,9\n1,USD,Usage,2026-03-01,Acme Inc.,Acme Inc.,Acme Inc.,i,Acme,9\n";
    let whole = read_all(format!("{heading}{rows}").as_bytes(), &wanted("aws")).unwrap();
    assert_eq!(whole.summary.sniffed.shape, Shape::Focus(FocusVersion::V1_4));
    assert_eq!(whole.quarantined(), ["other_cloud ServiceProviderName 1 4 Acme Inc."]);
    let marks: Vec<_> = whole.portions[0].classes.iter().map(|class| class.line.marks.clone()).collect();
    let runs = |yes| [(entente_core::commitment::eligibility::Mark::RunsOnCloud, yes)].into();
    assert_eq!(marks, [runs(true), runs(false), [].into()]);
}

#[test]
fn azure_says_outright_what_a_vendor_sells_and_which_product() {
    let heading = "BillingAccountId,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,PublisherName,InvoiceId,ServiceName,x_PublisherCategory,x_SkuOrderName,x_ServiceModel,BilledCost\n";
    let rows = "1,USD,Purchase,2026-03-01T00:00Z,Microsoft,Contoso,i,SaaS,Vendor,Contoso Cloud,SaaS,5\n1,USD,Usage,2026-03-01T00:00Z,Microsoft,Contoso,i,VMs,Cloud Provider,Azure plan,IaaS,7\n";
    let whole = read_all(format!("{heading}{rows}").as_bytes(), &wanted("microsoft")).unwrap();
    assert_eq!(whole.summary.sniffed.to_string(), "azure focuscost 1.2 csv");
    assert_eq!(
        whole.classes(),
        ["2026-03-01 1 Contoso Cloud Marketplace Purchase 5 x1", "2026-03-01 1 VMs Cloud Usage 7 x1"]
    );
}

#[test]
fn an_offer_is_enrolled_where_the_provider_names_the_contracts_programme_and_unknown_elsewhere() {
    let heading = HEADING.trim_end().replace("PublisherName", "ServiceProviderName");
    let charge = row(&[("PublisherName", "Red Hat Inc."), ("ServiceName", "OpenShift")]);
    let with = |details: &str| {
        let text = format!(
            "{heading},CommitmentProgramEligibilityDetails\n{},\"{}\"\n",
            charge.trim_end(),
            details.replace('"', "\"\"")
        );
        text.into_bytes()
    };
    let named = |kind: &str| {
        format!(r#"{{"CommitmentPrograms":[{{"ProgramType":"SavingsPlan"}},{{"ProgramType":"{kind}"}}]}}"#)
    };
    let macc = Wanted { programs: ["MACC".to_owned()].into(), ..wanted("aws") };
    let long = format!(r#"{{"x_Note":"{}","CommitmentPrograms":[{{"ProgramType":"MACC"}}]}}"#, "n".repeat(2_000));
    let (said, elses) = (named("macc"), named("Reservation"));
    for (details, wants, enrolled) in [
        (said.as_str(), &macc, Some(true)),
        (long.as_str(), &macc, Some(true)),
        (elses.as_str(), &macc, None),
        ("NULL", &macc, None),
        ("{not json", &macc, None),
        (said.as_str(), &wanted("aws"), None),
    ] {
        let whole = read_all(&with(details), wants).unwrap();
        assert_eq!(whole.quarantined(), [""; 0], "{details}");
        let marks = &whole.portions[0].classes[0].line.marks;
        assert_eq!(marks.get(&Mark::OfferEnrolled).copied(), enrolled, "{details}");
        assert_eq!(whole.summary.sniffed.shape, Shape::Focus(FocusVersion::V1_4));
    }
}

#[test]
fn other_currencies_are_named_once_each() {
    let rows: [&[(&str, &str)]; 4] =
        [&[], &[("BillingCurrency", "EUR")], &[("BillingCurrency", "GBP")], &[("BillingCurrency", "EUR")]];
    let whole = read_all(&focus(&rows), &wanted("aws")).unwrap();
    assert_eq!(whole.summary.other_currencies.iter().collect::<Vec<_>>(), ["EUR", "GBP"]);
    assert_eq!(whole.quarantined(), ["other_currency BillingCurrency 3 2 EUR"]);
}

/// Google's view may lack who the seller is: then nothing says that it is not the marketplace.
#[test]
fn a_seller_that_the_format_may_leave_out_is_unknown_and_not_the_cloud() {
    let of = |publisher: &str, service: &str| {
        let charge =
            [("ProviderName", "Google Cloud"), ("InvoiceIssuerName", "Google LLC"), ("PublisherName", publisher)];
        row(&[&charge[..], &[("ServiceName", service)]].concat())
    };
    let untold = |cloud: &str, row: String| -> Vec<bool> {
        let whole = read_all(format!("{HEADING}{row}").as_bytes(), &wanted(cloud)).unwrap();
        whole.portions[0].classes.iter().map(|class| class.untold).collect()
    };
    assert_eq!(untold("google", of("NULL", "MongoDB Atlas")), [true]);
    assert_eq!(untold("google", of("MongoDB, Inc.", "MongoDB Atlas")), [false]);
    assert_eq!(untold("google", of("Google Cloud", "Compute Engine")), [false]);
    assert_eq!(untold("google", of("NULL", "Google Cloud Support")), [false], "its support is its own");
    assert_eq!(untold("aws", row(&[("PublisherName", "NULL")])), [false], "AWS always says it");
}

#[test]
fn a_last_row_without_its_end_is_told() {
    let whole = focus(&[&[], &[("BilledCost", "3")]]);
    let cut = &whole[..whole.len() - 1];
    let unended = |bytes: &[u8]| read_all(bytes, &wanted("aws")).unwrap().summary.unended;
    assert_eq!([unended(&whole), unended(cut), unended(&gzipped(cut))], [false, true, true]);
}
