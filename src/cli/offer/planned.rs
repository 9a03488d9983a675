//! What `entente offer plan` prints for people.

use entente_port::Severity;
use serde_json::Value;

use super::{
    dry_run::show_calls,
    figures,
    plan::{Existing, Planned},
    show::last_moment,
};
use crate::cli::output::Out;

/// Shows what a document would do.
pub(super) fn show(out: &Out, planned: &Planned) {
    let mut fields = vec![("reference", planned.reference.clone()), ("revision", planned.revision.clone())];
    fields.extend(planned.figures.iter().flat_map(figures::fields));
    fields.extend([("buyer in 12 months", planned.facts.as_ref().map(figures::of_buyer).unwrap_or_default())]);
    out.fields(&fields);
    last_moment(out, &planned.expiry_in_zones);
    if let Some(figures) = &planned.figures {
        figures::table(out, figures);
    }
    out.heading("Findings");
    let findings = planned.findings.iter().map(|finding| {
        let weight = if finding.severity == Severity::Error { "error" } else { "warning" };
        vec![
            weight.to_owned(),
            finding.rule.clone(),
            finding.field.clone(),
            finding.message.clone(),
            finding.remedy.clone(),
            finding.source.clone(),
        ]
    });
    out.table(&["weight", "rule", "field", "what", "remedy", "source"], &findings.collect::<Vec<_>>());
    out.heading("Approvals");
    let approvals = planned
        .approvals
        .iter()
        .map(|asked| vec![asked.row.clone(), asked.role.to_string(), asked.quorum.to_string(), asked.because.clone()]);
    out.table(&["row", "role", "people", "because"], &approvals.collect::<Vec<_>>());
    if let Some(existing) = &planned.existing {
        show_existing(out, existing);
    }
    if let Some(because) = &planned.nothing_because {
        out.fields(&[("nothing would be sent", because.clone())]);
    }
    for command in &planned.commands {
        out.heading(&format!("`{}` would send (token and step are drawn when it does)", command.command));
        out.fields(&[("command", command.command.clone())]);
        show_calls(out, &command.calls);
    }
}

fn show_existing(out: &Out, existing: &Existing) {
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
    out.heading(&format!("Differs from `{}` ({})", existing.label, existing.state));
    let rows = existing.document.iter().map(|difference| {
        vec!["document".to_owned(), difference.field.clone(), text(&difference.was), text(&difference.now)]
    });
    let live = existing.live.iter().flatten().map(|difference| {
        vec!["live".to_owned(), difference.field.clone(), difference.theirs.clone(), difference.ours.clone()]
    });
    out.table(&["against", "field", "there", "here"], &rows.chain(live).collect::<Vec<_>>());
}
