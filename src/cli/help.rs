//! `entente help`: commands as clap explains them, and topics that belong to no single command.

use clap::CommandFactory as _;

use super::{Line, exit::Exit, failure::Failure, output::emit};

/// Explain a command or a topic
#[derive(Debug, clap::Args)]
pub struct Help {
    /// A command such as `offer create`, or the topic `exit-codes`
    topic: Vec<String>,
}

impl Help {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        if self.topic == ["exit-codes"] {
            emit(&exit_codes());
            return Ok(Exit::Ok);
        }
        let mut command = Line::command();
        command.build();
        let mut found = &mut command;
        for word in &self.topic {
            found = found.find_subcommand_mut(word).ok_or_else(|| {
                Failure::usage(format!("there is no command or topic `{}`", self.topic.join(" ")))
                    .hint("list the commands with `entente help`; the topics are: exit-codes")
            })?;
        }
        emit(&found.render_long_help().to_string());
        Ok(Exit::Ok)
    }
}

fn exit_codes() -> String {
    let rows = Exit::ALL.map(|exit| format!("{:>4}  {}", exit.code(), exit.meaning()));
    format!("Exit codes\n\n{}", rows.join("\n"))
}
