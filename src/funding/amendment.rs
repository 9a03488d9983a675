//! What the rules would say of a change of a granted request, before anybody is asked.

use entente_core::{
    context::funding::{Assessment, Changed, RequestPaper},
    mdf::{self, CHANGES, Outcome},
    money::Money,
};
use entente_store::Store;
use jiff::Timestamp;
use serde::Serialize;

use super::{CALENDAR_OF, case, stored::Stored};
use crate::{offers::DeskError, world::World};

/// The first version of the chart on which a request can be amended.
const AMENDED_SINCE: u32 = 2;

/// Whether a request runs on a version of its chart that knows amendments.
pub fn can_be_amended(asked: &Stored<RequestPaper>) -> bool {
    asked.row.snapshot.chart.version >= AMENDED_SINCE
}

/// What a change of a granted request would bring about.
#[derive(Debug, Clone, Serialize)]
pub struct Foreseen {
    /// What it changes, field by field.
    pub changes: Vec<Changed>,
    /// Whether people have to agree.
    pub material: bool,
    /// What is granted now.
    pub granted: Option<Money>,
    /// What the rules say.
    pub assessment: Assessment,
    /// Whether the rules let it go on.
    pub goes_on: bool,
}

/// What the rules say of a change as of now.
///
/// # Errors
/// When the records cannot be read.
pub async fn foreseen(
    store: &dyn Store,
    world: &World,
    asked: &Stored<RequestPaper>,
    paper: &RequestPaper,
    now: Timestamp,
) -> Result<Foreseen, DeskError> {
    let sheet = asked.sheet.with_amendment(paper.clone(), now);
    let wanted = Stored { row: asked.row.clone(), sheet };
    let gathered = case::of_amendment(store, &wanted, now).await?;
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", asked.label()), why };
    let calendar = world.calendars.of_role(&CALENDAR_OF.parse()?, &paper.legal_entity);
    let judgement =
        mdf::judge(&gathered.case, &gathered.pack, calendar).map_err(|wrong| unreadable(wrong.to_string()))?;
    let unchanged = judgement.verdict(CHANGES).is_some_and(|verdict| verdict.outcome == Outcome::Satisfied);
    let assessment = Assessment::of(&judgement, &wanted.sheet.paper_hash(), "", now);
    Ok(Foreseen {
        changes: Changed::between(&asked.sheet.paper, paper),
        material: !unchanged,
        granted: asked.sheet.course.granted,
        goes_on: assessment.goes_on() && assessment.payable.is_some_and(|payable| payable.minor > 0),
        assessment,
    })
}
