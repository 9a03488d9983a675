//! Reads a spend file and prints its daily sums: what `cargo xtask spend-bench` measures beside the program itself.
//!
//! `daily FILE CONTRACT.yaml RULES.yaml KNOWN_ON`

use std::{
    collections::BTreeMap,
    error::Error,
    fs::{self, File},
    io::{self, BufWriter, Write as _},
};

use entente_core::commitment::{
    Commitment, SumKey,
    eligibility::{Rules, Sums, daily_sums},
};
use entente_spend::{Limits, Portion, Wanted, read, sniff};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, contract, rules, known_on] = words.as_slice() else {
        return Err("usage: daily FILE CONTRACT.yaml RULES.yaml KNOWN_ON".into());
    };
    let file = File::open(file)?;
    let commitment = Commitment::from_yaml(contract, &fs::read_to_string(contract)?)?;
    let rules = Rules::from_yaml(rules, &fs::read_to_string(rules)?)?;
    let known_on = known_on.parse()?;
    let (mut sums, mut quarantined) = (Sums::new(), BTreeMap::new());
    let mut take = |portion: Portion| -> Result<(), Box<dyn Error>> {
        let lines = portion.classes.iter().map(|class| &class.line);
        for (key, amount) in daily_sums(&commitment, &rules, known_on, lines)? {
            let sum = sums.entry(key).or_default();
            *sum = sum.plus(amount)?;
        }
        for bad in portion.quarantined {
            *quarantined.entry(bad.reason.name()).or_insert(0) += bad.rows;
        }
        Ok(())
    };
    let wanted = Wanted::of(&commitment);
    read(&file, sniff(&file)?, &wanted, 0, Limits::default(), &mut |_| {}, &mut take)?;
    let mut out = BufWriter::new(io::stdout().lock());
    for (key, amount) in &sums {
        let SumKey { day, account, product, part, reason, weight } = key;
        let part = if part == &entente_core::commitment::Part::Marketplace { "marketplace" } else { "cloud" };
        let (least, most) = (weight.least.decimal().normalize(), weight.most.decimal().normalize());
        writeln!(out, "{day}|{account}|{product}|{part}|{reason}|{least}|{most}|{}", amount.decimal().normalize())?;
    }
    for (reason, rows) in &quarantined {
        writeln!(out, "quarantined|{reason}|{rows}")?;
    }
    Ok(out.flush()?)
}
