//! Waiting for the runs that this run started.

use super::walk::{Halt, Walk};
use crate::{
    chart::model::{Join, JoinRule},
    event::{ChildEnd, Event},
};

enum Standing {
    Waiting,
    Done,
    Hopeless,
}

impl Walk<'_> {
    /// Asks the active states' joins, once after each entry and each child's end; says whether one of them was over.
    pub fn take_join(&mut self, event: &Event) -> Result<bool, Halt> {
        if !std::mem::take(&mut self.join_due) {
            return Ok(false);
        }
        let (inner, outer) = self.active()?;
        for join in std::iter::once(inner).chain(outer).filter_map(|state| state.join.as_ref()) {
            let (label, list) = match self.standing(join, event)? {
                Standing::Waiting => continue,
                Standing::Done => ("join.onDone", &join.on_done),
                Standing::Hopeless => ("join.onError", &join.on_error),
            };
            if self.fire(label, list, event)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn standing(&self, join: &Join, event: &Event) -> Result<Standing, Halt> {
        let children = &self.run.children;
        let ended = |end: ChildEnd| children.values().filter(|child| child.end == Some(end)).count();
        let (good, under_way) =
            (ended(ChildEnd::Succeeded), children.values().filter(|child| child.end.is_none()).count());
        let standing = match &join.until {
            JoinRule::All if good == children.len() => Standing::Done,
            JoinRule::All if good + under_way < children.len() => Standing::Hopeless,
            JoinRule::All => Standing::Waiting,
            JoinRule::Any if good > 0 => Standing::Done,
            JoinRule::Named(guard) if self.context().guard(guard, &self.run.context, event, self.now)? => {
                Standing::Done
            }
            JoinRule::Any | JoinRule::Named(_) if under_way == 0 => Standing::Hopeless,
            JoinRule::Any | JoinRule::Named(_) => Standing::Waiting,
        };
        Ok(standing)
    }
}
