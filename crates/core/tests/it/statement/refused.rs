//! What never becomes a statement.

use entente_core::{
    ledger::PostingAction,
    mdf::statement::{Section, SectionFault, Statement},
};

use super::{euro_section, euros, period, yen, yen_section};

fn refused(sections: Vec<Section>) -> SectionFault {
    let made = Statement::new("globex".parse().unwrap(), "acme-eu".parse().unwrap(), period(), sections);
    made.unwrap_err().fault
}

fn with(change: impl FnOnce(&mut Section)) -> SectionFault {
    let mut section = euro_section();
    change(&mut section);
    refused(vec![yen_section(), section])
}

#[test]
fn a_section_that_is_one_cent_off_is_refused() {
    let one_off = SectionFault::DoesNotAddUp { opening: euros(10_000), found: euros(125_000), closing: euros(125_001) };
    assert_eq!(with(|section| section.closing = euros(125_001)), one_off);
    let one_off = SectionFault::DoesNotAddUp { opening: euros(10_000), found: euros(125_001), closing: euros(125_000) };
    assert_eq!(with(|section| section.lines[1].amount = euros(150_001)), one_off);
    let gone = with(|section| drop(section.lines.remove(5)));
    assert_eq!(gone, SectionFault::DoesNotAddUp { opening: euros(10_000), found: euros(0), closing: euros(125_000) });
    let turned = with(|section| section.lines[5].movement = PostingAction::Pay);
    assert!(matches!(turned, SectionFault::DoesNotAddUp { .. }), "{turned:?}");
}

#[test]
fn amounts_are_positive_of_one_currency_and_countable() {
    let nothing = with(|section| section.lines[0].amount = euros(0));
    assert_eq!(nothing, SectionFault::NotPositive { amount: euros(0), journal: "J-1".into() });
    assert_eq!(with(|section| section.lines[0].amount = yen(5)), SectionFault::Currency { amount: yen(5) });
    assert_eq!(with(|section| section.closing = yen(125_000)), SectionFault::Currency { amount: yen(125_000) });
    assert_eq!(with(|section| section.opening = euros(i64::MAX)), SectionFault::Overflow);
}

#[test]
fn movements_are_of_the_month_in_order_and_there_once() {
    let early = with(|section| section.lines[0].at = "2027-02-28T22:59:59Z".parse().unwrap());
    assert!(matches!(early, SectionFault::OtherMonth { .. }), "{early:?}");
    let disorder = with(|section| section.lines.swap(1, 2));
    assert_eq!(disorder, SectionFault::Disorder { journal: "J-2".into() });
    let twice = with(|section| section.lines[1].journal = "J-1".into());
    assert_eq!(twice, SectionFault::JournalTwice { journal: "J-1".into() });
    assert_eq!(refused(vec![yen_section(), yen_section()]), SectionFault::Doubled);
}

#[test]
fn texts_are_one_line_that_somebody_can_read() {
    for text in ["", " ", "two\nlines", "\u{1b}[31m", &"x".repeat(301)] {
        for change in [
            |section: &mut Section, text: &str| section.lines[0].about = text.into(),
            |section: &mut Section, text: &str| section.lines[0].journal = text.into(),
            |section: &mut Section, text: &str| section.lines[0].rules[0].why = text.into(),
        ] {
            let fault = with(|section| change(section, text));
            assert!(matches!(fault, SectionFault::Text { .. }), "{text:?}: {fault:?}");
        }
    }
}

#[test]
fn a_partner_may_owe_and_nothing_may_have_happened() {
    let mut section = euro_section();
    section.lines = section.lines.drain(2..3).collect();
    (section.opening, section.closing) = (euros(0), euros(-35_000));
    for sections in [vec![section], vec![]] {
        Statement::new("globex".parse().unwrap(), "acme-eu".parse().unwrap(), period(), sections).unwrap();
    }
}
