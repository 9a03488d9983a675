//! When a claim came, was answered and lay with the partner: what the rules on deadlines and waiting times look at.

use jiff::Timestamp;

use super::{ClaimPaper, SentBack, WithPartner};
use crate::{chart::lint::APPROVALS, context::funding::Sheet, mdf::Decision};

impl Sheet<ClaimPaper> {
    /// It is handed in, or handed in again; what was held on the way came when it came.
    pub(super) fn comes(&mut self, now: Timestamp, held: bool) {
        let course = &mut self.course;
        course.submitted_at = course.submitted_at.filter(|_| held).or(Some(now));
        course.first_submitted_at.get_or_insert(now);
        if !self.paper.metrics.is_empty() {
            course.results_at.get_or_insert(now);
        }
        if let Some(open) = course.with_partner.last_mut().filter(|last| last.until.is_none()) {
            open.until = Some(now);
        }
    }

    /// Whether the rules held it as they saw it last, however it was written then.
    pub(super) fn was_held(&self) -> bool {
        self.assessment.as_ref().is_some_and(|assessment| assessment.decision == Decision::Held)
    }

    /// An activity has failed: where that returns the claim to the partner, it is answered, and lies there.
    pub(super) fn returned(&mut self, activity: &str, now: Timestamp) {
        let by_people = activity == APPROVALS;
        let refused = self.current_assessment().is_some_and(|assessment| assessment.decision == Decision::Refused);
        if !self.is_undecided() || !(by_people || refused) {
            return;
        }
        if by_people {
            self.sent_back(now);
        }
        self.course.answered_at.get_or_insert(now);
        self.course.with_partner.push(WithPartner { from: now, until: None });
    }

    /// People did not answer in time: it is sent back, and that is no answer.
    pub(super) fn unanswered(&mut self, due: Timestamp) {
        if self.is_undecided() {
            self.sent_back(due);
        }
    }

    fn sent_back(&mut self, at: Timestamp) {
        let before = self.course.sent_back.map(|before| before.came);
        let Some(came) = before.or(self.course.submitted_at) else { return };
        self.course.sent_back = Some(SentBack { at, came });
    }

    /// Whether nothing was owed for it yet, nor is anything of what was paid asked about.
    pub(super) fn is_undecided(&self) -> bool {
        let course = &self.course;
        !self.is_proving()
            && course.clawback_asked.is_none()
            && course.waiver_asked.is_none()
            && course.disputes.is_empty()
            && course.clawbacks.is_empty()
            && course.payables.iter().all(|payable| payable.payments.is_empty())
    }
}
