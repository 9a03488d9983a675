//! A wire between the store and its server that can be cut at a chosen moment.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::JoinHandle,
};

/// Where the wire is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Cut {
    /// Nowhere.
    Never,
    /// When a commit is asked for, before the server hears of it.
    BeforeCommit,
    /// When the server has done the commit, before its answer arrives.
    AfterCommit,
}

/// The wire.
pub struct Proxy {
    /// The database's URL through it.
    pub url: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    cut: AtomicUsize,
    cuts: AtomicU64,
    /// Whether nothing passes: what is sent waits, as on a network that loses every packet.
    silent: watch::Sender<bool>,
}

impl State {
    /// Whether the wire is to be cut here; it is then whole again for the next connection.
    fn cuts_now(&self, cut: Cut) -> bool {
        let mine =
            self.cut.compare_exchange(cut as usize, Cut::Never as usize, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if mine {
            self.cuts.fetch_add(1, Ordering::SeqCst);
        }
        mine
    }

    async fn until_it_passes(&self) {
        // The sender lives as long as this does.
        let mut silent = self.silent.subscribe();
        let _passes = silent.wait_for(|silent| !silent).await;
    }
}

impl Proxy {
    /// A wire to the database of this URL.
    pub async fn to(url: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = PgConnectOptions::from_str(url).expect("a URL");
        let (start, _) = url.split_once('?').unwrap_or((url, ""));
        let (scheme, rest) = start.split_once("://").expect("a URL");
        let (authority, database) = rest.rsplit_once('/').expect("a URL with a database");
        let user = authority.rsplit_once('@').map(|(user, _)| format!("{user}@")).unwrap_or_default();
        let url = format!("{scheme}://{user}127.0.0.1:{port}/{database}?sslmode=disable");
        let state = Arc::new(State::default());
        let task = tokio::spawn(accept(listener, server, Arc::clone(&state)));
        Proxy { url, state, task }
    }

    /// Cuts once.
    pub fn cut(&self, cut: Cut) {
        self.state.cut.store(cut as usize, Ordering::SeqCst);
    }

    /// From here on nothing passes, or everything again; connections stay.
    pub fn silence(&self, silent: bool) {
        self.state.silent.send_replace(silent);
    }

    /// How often it was cut.
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, server: PgConnectOptions, state: Arc<State>) {
    loop {
        let (client, _) = listener.accept().await.expect("a connection");
        let (server, state) = (server.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            state.until_it_passes().await;
            match server.get_socket() {
                Some(folder) => {
                    let socket = folder.join(format!(".s.PGSQL.{}", server.get_port()));
                    carry(client, UnixStream::connect(socket).await.expect("the server listens"), &state).await;
                }
                None => {
                    let address = (server.get_host(), server.get_port());
                    carry(client, TcpStream::connect(address).await.expect("the server listens"), &state).await;
                }
            }
        });
    }
}

/// Carries bytes both ways until one end is closed, or the wire is cut.
async fn carry(mut client: TcpStream, mut server: impl AsyncRead + AsyncWrite + Unpin, state: &State) {
    let (mut asked, mut told) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                state.until_it_passes().await;
                let commits = asked[..length].windows(7).any(|bytes| bytes == b"COMMIT\0");
                if commits && state.cuts_now(Cut::BeforeCommit) {
                    return;
                }
                if server.write_all(&asked[..length]).await.is_err() {
                    return;
                }
                if commits && state.cuts_now(Cut::AfterCommit) {
                    // The answer shows that it is done; nobody gets it.
                    let _ = server.read(&mut told).await;
                    return;
                }
            }
            read = server.read(&mut told) => {
                let Ok(length @ 1..) = read else { return };
                state.until_it_passes().await;
                if client.write_all(&told[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
