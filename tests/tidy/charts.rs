//! Every workflow folder is complete, and a released chart is never edited.

use std::collections::BTreeSet;

use entente_core::chart::{library::Lock, model::Chart};

use super::tree::{Finding, Tree};

const LOCK: &str = "workflows/charts.lock";

/// What a workflow's folder holds.
const PARTS: [&str; 4] = ["v1.yaml", "README.md", "diagram.mmd", "policy/v1.yaml"];

fn incomplete(tree: &Tree) -> Vec<Finding> {
    let names: BTreeSet<&str> = tree
        .below("workflows/")
        .filter_map(|(path, _)| path.strip_prefix("workflows/")?.split_once('/').map(|(name, _)| name))
        .collect();
    let mut findings = Vec::new();
    for name in names {
        let folder = format!("workflows/{name}/");
        let mut missing: Vec<String> =
            PARTS.iter().map(|part| format!("{folder}{part}")).filter(|path| tree.text(path).is_none()).collect();
        if !tree.below(&format!("{folder}scenarios/")).any(|(path, _)| path.ends_with(".yaml")) {
            missing.push(format!("{folder}scenarios/*.yaml"));
        }
        findings.extend(missing.into_iter().map(|path| {
            let message = format!("workflow `{name}` is incomplete without it");
            Finding { path, line: 1, message }
        }));
    }
    findings
}

fn unlocked(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut charts = Vec::new();
    for (path, text) in tree.below("workflows/").filter(|(path, _)| is_chart(path)) {
        match Chart::parse(path, text) {
            Ok(chart) => charts.push(chart),
            Err(problems) => findings.extend(problems.iter().map(|problem| Finding {
                path: problem.file.clone(),
                line: problem.place.line as usize,
                message: format!("{}; {}", problem.cause, problem.remedy),
            })),
        }
    }
    let checked = match tree.text(LOCK).map(|text| Lock::parse(LOCK, text)) {
        Some(Ok(lock)) => lock.check(LOCK, &charts.iter().collect::<Vec<_>>()),
        Some(Err(problems)) => problems,
        None => {
            let message = "it is missing: a chart that may be edited under a live run is not released".to_owned();
            findings.push(Finding { path: LOCK.to_owned(), line: 1, message });
            Vec::new()
        }
    };
    findings.extend(checked.into_iter().map(|problem| Finding {
        path: problem.file,
        line: problem.place.line as usize,
        message: format!("{}; {}", problem.cause, problem.remedy),
    }));
    findings
}

/// `workflows/<name>/vN.yaml`.
fn is_chart(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let number = parts.get(2).and_then(|file| file.strip_prefix('v')?.strip_suffix(".yaml"));
    parts.len() == 3 && number.is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tree::{assert_found, assert_tidy};

    #[test]
    fn every_workflow_has_its_parts() {
        assert!(Tree::project().below("workflows/").any(|(path, _)| is_chart(path)), "no workflow was found");
        assert_tidy(&incomplete(Tree::project()));
    }

    #[test]
    fn released_charts_are_as_they_were_released() {
        assert_tidy(&unlocked(Tree::project()));
    }

    #[test]
    fn a_missing_part_is_found() {
        let complete = [
            ("workflows/x/v1.yaml", ""),
            ("workflows/x/README.md", ""),
            ("workflows/x/diagram.mmd", ""),
            ("workflows/x/policy/v1.yaml", ""),
            ("workflows/x/scenarios/happy.yaml", ""),
        ];
        assert_tidy(&incomplete(&Tree::of(&complete)));
        for missing in 1..complete.len() {
            let rest: Vec<(&str, &str)> =
                complete.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, file)| *file).collect();
            assert_eq!(incomplete(&Tree::of(&rest)).len(), 1, "without {}", complete[missing].0);
        }
    }

    #[test]
    fn an_edited_released_chart_is_found() {
        let chart = "chart: x\nversion: 1\ncontext: x\ninitial: done\nstates:\n  done: { type: final }\n";
        let parsed = Chart::parse("workflows/x/v1.yaml", chart).unwrap();
        let mut lock = Lock::default();
        lock.release(&parsed).unwrap();
        let lock = lock.to_string();
        assert_tidy(&unlocked(&Tree::of(&[(LOCK, &lock), ("workflows/x/v1.yaml", chart)])));
        let edited = format!("{chart}# a remark\n");
        let findings = unlocked(&Tree::of(&[(LOCK, &lock), ("workflows/x/v1.yaml", &edited)]));
        assert_found(&findings, "workflows/x/v1.yaml", 1, "was released with another text");
    }
}
