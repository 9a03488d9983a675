//! Judging a corpus in the order in which its claims came, and comparing what was found with what was planted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use entente_claim_corpus::{Claim, Class, Corpus};
use entente_core::{
    calendar::Calendar,
    mdf::{
        Decision, Judgement, Outcome, Verdict,
        candidates::{Candidates, Reach},
        judge,
        model::EarlierClaim,
    },
};
use jiff::tz::TimeZone;

use super::case::{case, pack};

/// What came of a class.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Planted cases.
    pub planted: usize,
    /// Those that were found, with the pair that they are made of.
    pub found: usize,
    /// Claims in which it was found and is not.
    pub wrong: usize,
}

/// What came of one or several corpora.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    pub classes: BTreeMap<Class, Tally>,
    pub claims: usize,
    pub clean: usize,
    pub clean_found: usize,
    pub clean_money: i128,
    pub clean_money_found: i128,
    pub keys: usize,
    pub compared: usize,
    pub most_compared: usize,
    pub handed_to_rules: usize,
    pub most_handed_to_rules: usize,
    pub cut: usize,
    /// What went wrong, for people.
    pub notes: Vec<String>,
}

impl Evaluation {
    /// Judges a corpus, each claim against those before it that were not refused.
    pub fn of(corpus: &Corpus) -> Evaluation {
        let calendar = Calendar::office_hours("Europe/Berlin", TimeZone::UTC);
        let packs = [pack(corpus, false), pack(corpus, true)];
        let partial: BTreeSet<&str> =
            corpus.programmes.iter().filter(|one| one.partial).map(|one| one.id.as_str()).collect();
        let reach = Reach::of(&packs[0]);
        let (mut index, mut all) = (Candidates::new(), Evaluation::default());
        let mut found: BTreeMap<&str, Judgement> = BTreeMap::new();
        for claim in &corpus.claims {
            let mut case = case(claim);
            let own = EarlierClaim::of(&case).unwrap();
            let candidates = index.of(&own, reach);
            all.count(&candidates);
            case.earlier = candidates.earlier.into_iter().cloned().collect();
            let judgement =
                judge(&case, &packs[usize::from(partial.contains(claim.programme.as_str()))], &calendar).unwrap();
            if judgement.decision != Decision::Refused {
                index.add(own);
            }
            if judgement.verdicts.iter().any(|verdict| verdict.outcome.is_heard()) {
                found.insert(&claim.id, judgement);
            }
        }
        all.compare(corpus, &found);
        all
    }

    fn count(&mut self, candidates: &entente_core::mdf::candidates::Found<'_>) {
        self.keys += candidates.work.keys;
        self.compared += candidates.work.compared;
        self.most_compared = self.most_compared.max(candidates.work.compared);
        self.handed_to_rules += candidates.earlier.len();
        self.most_handed_to_rules = self.most_handed_to_rules.max(candidates.earlier.len());
        self.cut += candidates.cut.len();
    }

    fn compare(&mut self, corpus: &Corpus, found: &BTreeMap<&str, Judgement>) {
        self.claims = corpus.claims.len();
        let mut rightly: BTreeMap<&str, BTreeSet<Class>> = BTreeMap::new();
        for case in &corpus.planted {
            let Some((last, origins)) = case.claims.split_last() else { continue };
            rightly.entry(last).or_default().extend(case.also.iter().copied().chain([case.class]));
            let tally = self.classes.entry(case.class).or_default();
            tally.planted += 1;
            let verdict = found.get(last.as_str()).and_then(|judgement| heard(judgement, case.class));
            if verdict.is_some_and(|verdict| names(verdict, origins)) {
                tally.found += 1;
            } else {
                let told = verdict.map_or_else(String::new, |verdict| verdict.to_string());
                let first = |id: &String| corpus.claims.iter().find(|claim| claim.id == *id).map(in_short);
                let claims: Vec<String> = case.claims.iter().filter_map(first).collect();
                self.notes.push(format!("missed {} {}: {} {told}", case.class, case.what, claims.join(" / ")));
            }
        }
        let controls: BTreeMap<&str, &str> =
            corpus.controls.iter().flat_map(|one| one.claims.iter().map(|id| (id.as_str(), one.what))).collect();
        for claim in &corpus.claims {
            let right = rightly.get(claim.id.as_str());
            let heard: Vec<(Class, &Verdict)> = found.get(claim.id.as_str()).map(classes).unwrap_or_default();
            for (class, verdict) in &heard {
                if right.is_none_or(|right| !right.contains(class)) {
                    self.classes.entry(*class).or_default().wrong += 1;
                    let control = controls.get(claim.id.as_str()).unwrap_or(&"");
                    self.notes.push(format!("wrong {}: {verdict} {control}", claim.id));
                }
            }
            if right.is_none() {
                let money = i128::from(claim.amount.abs());
                self.clean += 1;
                self.clean_money += money;
                if !heard.is_empty() {
                    self.clean_found += 1;
                    self.clean_money_found += money;
                }
            }
        }
    }

    /// Adds another corpus.
    pub fn add(&mut self, other: Evaluation) {
        for (class, tally) in other.classes {
            let sum = self.classes.entry(class).or_default();
            sum.planted += tally.planted;
            sum.found += tally.found;
            sum.wrong += tally.wrong;
        }
        self.claims += other.claims;
        self.clean += other.clean;
        self.clean_found += other.clean_found;
        self.clean_money += other.clean_money;
        self.clean_money_found += other.clean_money_found;
        self.keys += other.keys;
        self.compared += other.compared;
        self.most_compared = self.most_compared.max(other.most_compared);
        self.handed_to_rules += other.handed_to_rules;
        self.most_handed_to_rules = self.most_handed_to_rules.max(other.most_handed_to_rules);
        self.cut += other.cut;
        self.notes.extend(other.notes);
    }

    /// All classes together.
    pub fn total(&self) -> Tally {
        self.classes.values().fold(Tally::default(), |sum, one| Tally {
            planted: sum.planted + one.planted,
            found: sum.found + one.found,
            wrong: sum.wrong + one.wrong,
        })
    }
}

impl Tally {
    /// Found of planted, in hundredths of a percent.
    pub fn recall(self) -> usize {
        10_000 * self.found / self.planted.max(1)
    }

    /// Rightly found of all found, in hundredths of a percent.
    pub fn precision(self) -> usize {
        10_000 * self.found / (self.found + self.wrong).max(1)
    }
}

/// A claim by its first invoice.
fn in_short(claim: &Claim) -> String {
    let invoice = claim.invoices.first().map(|one| format!("{} of {}, {}", one.number, one.date, one.total));
    format!("{} of {}: {}", claim.id, claim.partner.id, invoice.unwrap_or_default())
}

/// What is heard of the seven rules.
fn classes(judgement: &Judgement) -> Vec<(Class, &Verdict)> {
    Class::ALL.into_iter().filter_map(|class| Some((class, heard(judgement, class)?))).collect()
}

/// The verdict of the rule that a class is named for, where it is heard.
fn heard(judgement: &Judgement, class: Class) -> Option<&Verdict> {
    let verdict = judgement.verdict(class.to_string().parse().unwrap())?;
    assert!(verdict.outcome != Outcome::Undecided, "{verdict}");
    verdict.outcome.is_heard().then_some(verdict)
}

/// Whether a verdict names the claim that a case comes from; one that comes from none is named by its own fields.
fn names(verdict: &Verdict, origins: &[String]) -> bool {
    origins.iter().all(|origin| verdict.told.pairs.iter().any(|pair| pair.claim.as_str() == origin))
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize| format!("{}.{:02} %", part / 100, part % 100);
        writeln!(f, "| class | planted | found | wrong | recall | precision |\n|---|---|---|---|---|---|")?;
        let total = self.total();
        let rows = self.classes.iter().map(|(class, tally)| (class.to_string(), *tally));
        for (class, tally) in rows.chain([("all".to_owned(), total)]) {
            let (recall, precision) = (percent(tally.recall()), percent(tally.precision()));
            writeln!(
                f,
                "| {class} | {} | {} | {} | {recall} | {precision} |",
                tally.planted, tally.found, tally.wrong
            )?;
        }
        let clean = percent(10_000 * self.clean_found / self.clean.max(1));
        let money = usize::try_from(10_000 * self.clean_money_found / self.clean_money.max(1)).unwrap_or(usize::MAX);
        writeln!(
            f,
            "clean claims found: {} of {} ({clean}), {} of their money",
            self.clean_found,
            self.clean,
            percent(money)
        )?;
        let per = |sum: usize| format!("{}.{:01}", sum / self.claims.max(1), 10 * sum / self.claims.max(1) % 10);
        writeln!(
            f,
            "per claim: {} keys asked, {} claims looked at (at most {}), {} handed to the rules (at most {}); {} keys cut",
            per(self.keys),
            per(self.compared),
            self.most_compared,
            per(self.handed_to_rules),
            self.most_handed_to_rules,
            self.cut
        )
    }
}
