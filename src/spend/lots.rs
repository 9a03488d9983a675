//! Microsoft's lots as the cloud's statement of a commitment.

use entente_core::commitment::{Commitment, Statement, Terms};
use entente_documents::Digest;
use entente_spend::Lot;
use jiff::civil::Date;

use super::{job::Job, stage::ImportError};

/// What lots are read by: the source of their statement.
const SOURCE: &str = "Microsoft's lots";

/// What the lot of a commitment says of it. Lots are written without a day: what they say is as of the last invoice, which is of the
/// month before unless another day is said.
pub(super) fn statement(job: Job<'_>, lots: &[Lot], digest: Digest) -> Result<Statement, ImportError> {
    let (commitment, read) = (job.judge.commitment, job.judge.known_on);
    let misfits: Vec<(&Lot, Option<String>)> = lots.iter().map(|lot| (lot, misfit(commitment, read, lot))).collect();
    let refused = |why: Vec<String>| {
        let (file, commitment) = (job.file.to_owned(), commitment.id.to_string());
        Err(ImportError::OtherLots { file, commitment, why })
    };
    let fitting: Vec<&Lot> = misfits.iter().filter(|(_, misfit)| misfit.is_none()).map(|(lot, _)| *lot).collect();
    let lot = match fitting.as_slice() {
        [lot] => *lot,
        [] => {
            let why = misfits.into_iter().filter_map(|(lot, misfit)| Some(format!("`{}` {}", lot.id, misfit?)));
            return refused(why.collect());
        }
        several => return refused(several.iter().map(|lot| format!("`{}` fits as others do", lot.id)).collect()),
    };
    let last_invoice = read.first_of_month().yesterday().unwrap_or(read);
    let as_of = job.covers.map_or(last_invoice, |(_, through)| through).min(read);
    Ok(Statement {
        as_of,
        remaining: lot.closed,
        original: Some(lot.original),
        source: SOURCE.to_owned(),
        file: Some(digest.to_string()),
        read,
    })
}

/// Why a lot is none of this commitment; `None` where it is.
fn misfit(commitment: &Commitment, known_on: Date, lot: &Lot) -> Option<String> {
    let known = commitment.versions().iter().filter(|terms| terms.known_from <= known_on);
    let mut why = None;
    for terms in known {
        why = of_terms(terms, lot);
        why.as_ref()?;
    }
    Some(why.unwrap_or_else(|| "is of terms that are not known yet".to_owned()))
}

fn of_terms(terms: &Terms, lot: &Lot) -> Option<String> {
    let committed = terms.committed().ok();
    if committed != Some(lot.original) {
        let committed = committed.map(|amount| amount.to_string()).unwrap_or_default();
        return Some(format!("is of {}, and {committed} is committed", lot.original));
    }
    if lot.closed > lot.original || lot.closed < entente_core::commitment::Amount::ZERO {
        return Some(format!("says that {} remains of {}", lot.closed, lot.original));
    }
    // A lot's days are instants of another zone, and its last one may be the first after it.
    let near = |day: Option<Date>, own: Date| day.is_none_or(|day| (day - own).get_days().abs() <= 1);
    if !near(lot.starts, terms.starts()) || !near(lot.expires, terms.ends()) {
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        return Some(format!(
            "runs from {} to {}, and the commitment from {} to {}",
            day(lot.starts),
            day(lot.expires),
            terms.starts(),
            terms.ends()
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACC: &str = include_str!("../../crates/core/tests/commitment/globex.yaml");

    fn day(text: &str) -> Option<Date> {
        Some(text.parse().unwrap())
    }

    /// A lot of all that is committed, 5,000,000.00 over three years.
    fn lot() -> Lot {
        Lot {
            id: "lot1".into(),
            status: "Active".into(),
            original: "5000000".parse().unwrap(),
            closed: "60.9".parse().unwrap(),
            starts: day("2026-01-01"),
            expires: day("2029-01-01"),
        }
    }

    fn misfits(lot: &Lot) -> Option<String> {
        let commitment = Commitment::from_yaml("macc.yaml", MACC).unwrap();
        misfit(&commitment, "2026-06-30".parse().unwrap(), lot)
    }

    #[test]
    fn the_lot_of_a_commitment_is_of_its_amount_and_its_days() {
        assert_eq!(misfits(&lot()), None, "a lot ends with the instant after its last day");
        assert_eq!(misfits(&Lot { expires: day("2028-12-31"), ..lot() }), None);
        assert_eq!(misfits(&Lot { starts: None, expires: None, ..lot() }), None, "what is not said is not asked");
    }

    #[test]
    fn a_lot_of_another_amount_or_of_other_days_is_not_the_commitments() {
        let small = misfits(&Lot { original: "5000".parse().unwrap(), ..lot() }).unwrap();
        assert!(small.contains("is of 5000, and 5000000 is committed"), "{small}");
        let old = misfits(&Lot { starts: day("2019-10-01"), expires: day("2019-11-01"), ..lot() }).unwrap();
        assert!(old.contains("runs from 2019-10-01 to 2019-11-01"), "{old}");
        let more = misfits(&Lot { closed: "5000001".parse().unwrap(), ..lot() }).unwrap();
        assert!(more.contains("says that 5000001 remains of 5000000"), "{more}");
    }
}
