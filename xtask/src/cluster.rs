//! A PostgreSQL server for tests: made in a temporary folder, reached through a socket there, gone with this process.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::{command, workspace::Workspace};

/// The variable that names a server to the suites.
pub const SERVER: &str = "ENTENTE_TEST_POSTGRES";

/// The variable that names the folder of its programs.
pub const PROGRAMS: &str = "ENTENTE_TEST_POSTGRES_BIN";

const STARTED_WITHIN: Duration = Duration::from_secs(60);

/// Runs the server, and ends it when the other end of its input is gone, however that came about.
const GUARD: &str = r#"
trap '' INT TERM HUP
folder="$1"; shift
"$@" > "$folder/log" 2>&1 &
server=$!
cat > /dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$folder"
"#;

/// What the server promises, and how it is set up for that.
type Settings = &'static [&'static str];

/// Durable on no disk, so that tests are quick; whole pages are logged, as on any real server.
pub const QUICK: Settings = &[
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=on",
    "max_connections=400",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
];

/// As PostgreSQL comes: every commit is on the disk before it is acknowledged.
pub const DURABLE: Settings =
    &["listen_addresses=", "fsync=on", "full_page_writes=on", "synchronous_commit=on", "max_connections=400"];

/// A server, running; or one that somebody else runs.
pub struct Cluster {
    url: String,
    programs: Option<PathBuf>,
    guard: Option<Child>,
}

impl Cluster {
    /// The server that [`SERVER`] names already, or a new one.
    ///
    /// # Errors
    /// When PostgreSQL is not installed and cannot be, or does not start.
    pub fn start(workspace: &Workspace, settings: Settings) -> anyhow::Result<Cluster> {
        if let Ok(url) = std::env::var(SERVER) {
            println!("using the server that {SERVER} names");
            return Ok(Cluster { url, programs: None, guard: None });
        }
        let programs = programs(workspace)?;
        let user = User::find()?;
        let folder = std::env::temp_dir().join(format!("entente-postgres-{}", std::process::id()));
        private_folder(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
        user.own(&folder)?;
        let data = folder.join("data");
        let mut initdb = user.command(&programs.join("initdb"));
        initdb.args(["--username=entente", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"]);
        let made = initdb.arg(&data).current_dir(&folder).output().context("`initdb` could not be started")?;
        if !made.status.success() {
            bail!("`initdb` failed: {}", String::from_utf8_lossy(&made.stderr).trim());
        }
        let guard = guard(&user, &folder, &programs.join("postgres"), &data, settings)?;
        let url = format!("postgres://entente@localhost/postgres?host={}", folder.display());
        let mut cluster = Cluster { url, programs: Some(programs.clone()), guard: Some(guard) };
        cluster.wait(&programs, &folder)?;
        Ok(cluster)
    }

    /// What the suites need to know, as variables.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let programs = self.programs.as_ref().map(|folder| (PROGRAMS, folder.display().to_string()));
        std::iter::once((SERVER, self.url.clone())).chain(programs).collect()
    }

    fn wait(&mut self, programs: &Path, folder: &Path) -> anyhow::Result<()> {
        let until = Instant::now() + STARTED_WITHIN;
        while !command::succeeds(Command::new(programs.join("pg_isready")).args(["--quiet", "--host"]).arg(folder)) {
            let ended = self.guard.as_mut().is_some_and(|guard| matches!(guard.try_wait(), Ok(Some(_))));
            if ended || Instant::now() > until {
                let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL did not start: {}", log.trim());
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Cluster {
    /// Waits until the server has stopped and its folder is gone.
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            if let Err(error) = guard.wait() {
                eprintln!("warning: the PostgreSQL server of the tests did not stop: {error}");
            }
        }
    }
}

/// Whoever reaches the socket is let in, so the folder is its owner's alone.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn guard(user: &User, folder: &Path, postgres: &Path, data: &Path, settings: Settings) -> anyhow::Result<Child> {
    let mut guard = user.command(Path::new("sh"));
    guard.args(["-c", GUARD, "guard"]).arg(folder).arg(postgres).arg("-D").arg(data).arg("-k").arg(folder);
    guard.args(settings.iter().flat_map(|setting| ["-c", setting]));
    guard.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::null());
    guard.spawn().context("the PostgreSQL server could not be started")
}

/// Runs a server until the process is told to stop, and says how to use it.
///
/// # Errors
/// As for [`Cluster::start`].
pub fn serve(workspace: &Workspace) -> anyhow::Result<()> {
    let cluster = Cluster::start(workspace, QUICK)?;
    println!("# A PostgreSQL server for tests runs until this command ends (Ctrl-C). In another terminal:");
    for (name, value) in cluster.variables() {
        println!("export {name}='{value}'");
    }
    // Ctrl-C ends this process, and with it the server.
    loop {
        std::thread::park();
    }
}

/// The folder with `initdb` and `postgres`; installs Debian's packages where there is none.
fn programs(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let mut apt = workspace.command("apt-get");
    let installed_now = command::run(apt.args(["install", "--yes", "--no-install-recommends", "postgresql"]));
    let found = installed_now.ok().and_then(|()| installed());
    found.context("PostgreSQL is not installed: install the server (Debian: `apt-get install postgresql`; macOS: `brew install postgresql`), or name a running one in ENTENTE_TEST_POSTGRES")
}

/// From the search path, or the newest of Debian's.
fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete =
        |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).is_file());
    if let Some(folder) = std::env::split_paths(&path).find(complete) {
        return Some(folder);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| complete(folder))
        .collect();
    folders.sort();
    folders.pop().map(|(_, folder)| folder)
}

/// Whom the server runs as: it refuses to be root.
struct User {
    /// Name and group that root gives way to.
    unprivileged: Option<(String, String)>,
}

impl User {
    fn find() -> anyhow::Result<User> {
        if id(&["-u"])? != "0" {
            return Ok(User { unprivileged: None });
        }
        let name = ["postgres", "nobody"].into_iter().find(|name| id(&["-u", name]).is_ok());
        let name =
            name.context("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`")?;
        Ok(User { unprivileged: Some((name.to_owned(), id(&["-g", name])?)) })
    }

    fn command(&self, program: &Path) -> Command {
        let Some((name, group)) = &self.unprivileged else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={name}"), format!("--regid={group}"), "--clear-groups".into()]).arg(program);
        command
    }

    fn own(&self, folder: &Path) -> anyhow::Result<()> {
        let Some((name, _)) = &self.unprivileged else { return Ok(()) };
        if !command::succeeds(Command::new("chown").arg(name).arg(folder)) {
            bail!("`{}` could not be given to the user `{name}`", folder.display());
        }
        Ok(())
    }
}

fn id(arguments: &[&str]) -> anyhow::Result<String> {
    let asked =
        Command::new("id").args(arguments).stderr(Stdio::null()).output().context("`id` could not be started")?;
    if !asked.status.success() {
        bail!("`id {}` ended with {}", arguments.join(" "), asked.status);
    }
    Ok(String::from_utf8_lossy(&asked.stdout).trim().to_owned())
}
