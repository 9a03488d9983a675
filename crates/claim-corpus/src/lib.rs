//! Made-up claims for market development funds, as partners hand them in over three years, with planted duplicates.
//!
//! The same seed gives the same corpus. Most claims are clean, and alike as clean claims are: monthly fees of one amount,
//! series of webinars, shared events, suppliers with price lists, buildings with many firms, invoices issued again after
//! a credit note. Between them stand [`Planted`] cases of each [`Class`], and [`Control`]s that only look like such.
//!
//! Test support: it knows nothing of the rules or of the code that finds duplicates, and hands out plain records.

mod alter;
mod clean;
mod controls;
mod draw;
mod names;
mod plant;
mod record;
mod world;

pub use record::{Activity, Claim, Class, Control, Corpus, File, Invoice, Partner, Planted, Programme, Supplier};

use std::collections::BTreeMap;

use world::World;

/// How large a corpus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// About how many claims, the planted ones included.
    pub claims: usize,
    /// How many cases are planted, evenly over the classes.
    pub planted: usize,
    /// How many controls stand beside them.
    pub controls: usize,
}

impl Corpus {
    /// A corpus of a size; everything in it follows from the seed.
    pub fn of(seed: u64, size: Size) -> Corpus {
        let mut world = World::of(seed, size.claims);
        let mut drafts = clean::claims(&mut world, size.claims.saturating_sub(size.planted + 2 * size.controls));
        let mut planted = plant::cases(&mut world, &mut drafts, size.planted);
        let mut controls = controls::cases(&mut world, &mut drafts, size.controls);
        // Labels say nothing: they are given in the order of submission, whatever a claim is.
        drafts.sort_by(|left, right| (left.submitted, &left.id).cmp(&(right.submitted, &right.id)));
        let labels: BTreeMap<String, String> =
            drafts.iter().enumerate().map(|(at, claim)| (claim.id.clone(), format!("CLM-{:06}", at + 1))).collect();
        for claim in &mut drafts {
            relabel(&labels, &mut claim.id);
        }
        planted.iter_mut().flat_map(|case| &mut case.claims).for_each(|id| relabel(&labels, id));
        controls.iter_mut().flat_map(|case| &mut case.claims).for_each(|id| relabel(&labels, id));
        Corpus { handed_out: world.handed_out, programmes: world.programmes, claims: drafts, planted, controls }
    }
}

fn relabel(labels: &BTreeMap<String, String>, id: &mut String) {
    if let Some(label) = labels.get(id) {
        id.clone_from(label);
    }
}
