//! Runs a sandbox until it is interrupted: `serve [--listen ADDR] [--state FILE]`.

use std::error::Error;

use entente_sandbox::{Config, start};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut config = Config::default();
    // The command of the product comes first when this stands in for it.
    let mut words = std::env::args().skip(1).filter(|word| word != "sandbox");
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
        match word.as_str() {
            "--listen" => config.listen = value.parse()?,
            "--state" => config.state = Some(value.into()),
            other => return Err(format!("unknown option `{other}`").into()),
        }
    }
    let running = start(config).await?;
    println!("{}", running.ready_line());
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}
