//! Starting other programs, visibly.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

/// Prints the command and runs it.
///
/// # Errors
/// When it cannot be started, or ends with anything but success.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Prints the command, runs it and passes its error output on, in which it looks for what shall be repeated at the end of
/// the run, where somebody who reads only the end sees it.
///
/// # Errors
/// As [`run`], followed by what was kept.
pub fn run_and_keep(command: &mut Command, mut keep: impl FnMut(&str) -> Option<String>) -> anyhow::Result<()> {
    let shown = show(command);
    println!("$ {shown}");
    let mut child =
        command.stderr(Stdio::piped()).spawn().with_context(|| format!("`{shown}` could not be started"))?;
    let told = child.stderr.take().with_context(|| format!("the errors of `{shown}` are missing"))?;
    let mut kept = Vec::new();
    for line in BufReader::new(told).split(b'\n') {
        let line = line.with_context(|| format!("the errors of `{shown}` cannot be read"))?;
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        kept.extend(keep(&line));
    }
    let status = child.wait().with_context(|| format!("`{shown}` did not end"))?;
    match (status.success(), kept.is_empty()) {
        (true, _) => Ok(()),
        (false, true) => bail!("`{shown}` ended with {status}"),
        (false, false) => bail!("`{shown}` ended with {status}: {}", kept.join(", ")),
    }
}

/// Whether the command can be started and ends well; its words are dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The command as one would type it.
pub fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}
