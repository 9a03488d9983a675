//! Commitments over HTTP, against a real process that serves them: the figures of the command line, for whom they are there, once per key.

use std::{collections::BTreeSet, time::Duration};

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{
    buyers_apart,
    contracts::Contract,
    desk::Desk,
    us11_burn_down::{ID, taken_in},
};

/// People of the vendor, of two buyers and of a partner.
const PEOPLE: &str = "
persons:
  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: UTC }
  - { id: fin, name: Fin, email: fin@acme.example, roles: [finops], zone: UTC }
  - { id: vic, name: Vic, email: vic@acme.example, roles: [viewer], zone: UTC }
  - { id: adam, name: Adam, email: adam@acme.example, roles: [admin], zone: UTC }
  - { id: bea, name: Bea, email: bea@globex.example, roles: [buyer_user], party: globex, zone: UTC }
  - { id: ivo, name: Ivo, email: ivo@initech.example, roles: [buyer_user], party: initech, zone: UTC }
  - { id: pia, name: Pia, email: pia@nordlicht.example, roles: [partner_user, alliance_manager], party: nordlicht, zone: UTC }
";

/// A client that shows a token, or none.
struct Caller<'d> {
    desk: &'d Desk,
    http: Client,
    token: Option<String>,
}

/// What was answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The data of an answer that was given.
    fn data(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.json()
    }

    /// Refused in this way; the problem.
    fn refused(self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        problem
    }

    /// Refused in this way, because of this field.
    fn because_of(self, status: u16, code: &str, field: &str) {
        let problem = self.refused(status, code);
        assert_eq!(problem["field"], field, "{problem}");
    }
}

impl<'d> Caller<'d> {
    fn unknown(desk: &'d Desk) -> Caller<'d> {
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(120)).build().unwrap();
        Caller { desk, http, token: None }
    }

    /// With a new token of a person.
    async fn of(desk: &'d Desk, person: &str) -> Caller<'d> {
        let token = make(desk, person, &[]).await["token"].as_str().unwrap().to_owned();
        Caller { token: Some(token), ..Caller::unknown(desk) }
    }

    async fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.desk.address().await));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn answer(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.answer(self.request(Method::GET, path).await).await
    }

    /// Sends a body of a type, with a key if there is one.
    async fn post(&self, path: &str, key: Option<&str>, (kind, body): (&str, &str)) -> Answer {
        let request = self.request(Method::POST, path).await.header("content-type", kind).body(body.to_owned());
        let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
        self.answer(request).await
    }

    async fn enter(&self, key: &str, text: &str) -> Answer {
        self.post("/v1/commitments", Some(key), ("application/yaml", text)).await
    }
}

/// A new token of a person, as its owner is shown it.
async fn make(desk: &Desk, person: &str, args: &[&str]) -> Value {
    let (code, data, words) = desk.says(person, &[&["token", "create", "--json"], args].concat()).await;
    assert_eq!(code, 0, "{person}: {words}");
    serde_json::from_str(&data).unwrap()
}

/// One without any commitments.
async fn empty() -> Desk {
    let desk = Desk::open("2027-02-28T09:00:00Z").await;
    desk.write("people.yaml", PEOPLE);
    desk
}

/// A small commitment of a buyer.
fn small(id: &str, party: &str) -> String {
    let period =
        r#"from: 2026-03-01, through: 2027-06-30, amount: "1000.00", true_up: { due: 2027-07-31, buys: nothing }"#;
    let valid = ("2026-03-01", "2026-02-01");
    Contract { id, party, succession: "", valid, periods: &[period] }.document()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_over_http_what_people_read_on_the_command_line() {
    let desk = taken_in().await;
    let mia = Caller::of(&desk, "mia").await;
    let added = ["--amount", "50000", "--from", "2027-03-01"];
    let of = |what: &str| format!("/v1/commitments/{ID}{what}");
    let pairs: [(String, Vec<&str>); 9] = [
        ("/v1/commitments?ended=true".into(), vec!["list", "--ended"]),
        (of(""), vec!["show", ID]),
        (
            of("?as_of=2026-02-28&known_on=2027-01-31"),
            vec!["show", ID, "--as-of", "2026-02-28", "--known-on", "2027-01-31"],
        ),
        ("/v1/commitments/CMT-2027-00001".into(), vec!["show", ID]),
        (of("/history"), vec!["history", ID]),
        (of("/forecast?until=next_due"), vec!["forecast", ID, "--next-due"]),
        (of("/offers?marks=runs_on_cloud=true"), vec!["offers", ID, "--mark", "runs_on_cloud=true"]),
        (of("/explain?month=2027-02"), vec!["explain", ID, "--month", "2027-02"]),
        (of("/explain?reason=K10&day=2027-02-01"), vec!["explain", ID, "--reason", "K10", "--day", "2027-02-01"]),
    ];
    for (path, args) in pairs {
        let told = mia.get(&path).await.data();
        assert_eq!(told, desk.told(&args).await, "{path}");
        assert!(told.as_array().is_none_or(|rows| !rows.is_empty()), "{path}: {told}");
    }
    let body = json!({ "amount": "50000", "from": "2027-03-01" }).to_string();
    let told = mia.post(&of("/what-if"), None, ("application/json", &body)).await.data();
    assert_eq!(told, desk.told(&[&["what-if", ID], &added[..]].concat()).await);

    let out = desk.path("out").display().to_string();
    desk.commitment(&["draw", ID, "--out", &out]).await;
    desk.commitment(&["export", ID, "--format", "contract-applied", "--out", &out]).await;
    let read = |name: &str| std::fs::read_to_string(desk.path("out").join(name)).unwrap();
    let picture = mia.get(&of("/burn-down.svg")).await;
    assert_eq!((picture.status, &picture.text), (200, &read("globex-2025.burn-down.svg")));
    assert_eq!(picture.headers["content-type"], "image/svg+xml");
    let dataset = mia.get(&of("/export?format=contract-applied")).await;
    assert_eq!((dataset.status, &dataset.text), (200, &read("globex-2025.CostAndUsage.csv")));
    assert_eq!(dataset.headers["content-disposition"], "attachment; filename=\"globex-2025.CostAndUsage.csv\"");
    assert!([&picture, &dataset].iter().all(|answer| answer.headers["cache-control"] == "no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_enters_revises_and_states_over_http_once_per_key() {
    let desk = empty().await;
    let mia = Caller::of(&desk, "mia").await;
    let as_json = commitment_json().to_string();
    let first = mia.post("/v1/commitments", Some("one"), ("application/json", &as_json)).await;
    assert_eq!((first.status, &first.headers["location"]), (201, &"/v1/commitments/CMT-2027-00001".parse().unwrap()));
    let first = first.data();
    assert_eq!((&first["label"], &first["key"]), (&json!("CMT-2027-00001"), &json!("one")));
    // The same once more has the same answer, and no second effect.
    let again = mia.post("/v1/commitments", Some("one"), ("application/json", &as_json)).await;
    assert_eq!((again.status, again.data()), (201, first));
    mia.enter("one", &small("globex-2", "globex")).await.refused(409, "key_reused");
    // Another person's key of the same name is another key, and the command line's is one too.
    desk.write("people.yaml", &PEOPLE.replace("[finops]", "[alliance_manager]"));
    let fin = Caller::of(&desk, "fin").await;
    assert_eq!(fin.enter("one", &small("globex-2", "globex")).await.status, 201);
    let ids = async || -> Vec<String> {
        let rows = mia.get("/v1/commitments").await.data();
        rows.as_array().unwrap().iter().map(|row| row["commitment"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids().await, ["globex-1", "globex-2"]);

    let statement = json!({ "as_of": "2027-01-31", "remaining": "400.00", "source": "the portal" }).to_string();
    let at = "/v1/commitments/globex-1/statements";
    let kept = mia.post(at, Some("two"), ("application/json", &statement)).await.data();
    assert_eq!(kept, mia.post(at, Some("two"), ("application/json", &statement)).await.data());
    let shown = desk.told(&["show", "globex-1"]).await;
    assert_eq!(shown["statement"]["statement"]["remaining"], "400", "{shown}");

    let revised = small("globex-2", "globex")
        + "  - valid_from: 2027-01-01\n    known_from: 2027-01-02\n    note: an amendment\n    glide: ramp\n    marketplace: { counts: \"100\", cap: \"25\" }\n    periods:\n      - { from: 2026-03-01, through: 2027-06-30, amount: \"2000.00\", true_up: { due: 2027-07-31, buys: nothing } }\n";
    let at = "/v1/commitments/globex-2/revise?reason=the%20amendment";
    let done = mia.post(at, Some("three"), ("application/yaml", &revised)).await.data();
    assert_eq!(
        done,
        mia.post(at, Some("three"), ("application/yaml", &revised)).await.data(),
        "what was done is not judged again"
    );
    let shown = desk.told(&["show", "globex-2"]).await;
    assert_eq!(shown["documents"].as_array().unwrap().len(), 2);
    assert_eq!(shown["documents"][1]["reason"], "the amendment");
    let history = mia.get("/v1/commitments/globex-2/history").await.data();
    let revise = history.as_array().unwrap().iter().find(|entry| entry["who"] == "mia").unwrap();
    assert_eq!(revise["source"], "api");
}

/// A commitment's document as JSON.
fn commitment_json() -> Value {
    json!({
        "commitment": "globex-1", "contract": "EDP-77", "party": "globex", "legal_entity": "acme-us", "cloud": "aws", "currency": "USD",
        "accounts": ["111122223333"],
        "basis": {
            "cost": "billed", "discounts": "after", "dated_by": "charge", "support": "excluded", "tax": "excluded", "credits": "reduce",
            "savings_plan_fees": "counts", "reservation_fees": "counts", "refunds": "original_period", "zone": "UTC"
        },
        "versions": [{
            "valid_from": "2026-03-01", "known_from": "2026-02-01", "note": "the agreement", "glide": "ramp",
            "marketplace": { "counts": "100", "cap": "25" },
            "periods": [{
                "from": "2026-03-01", "through": "2027-06-30", "amount": "1000.00", "true_up": { "due": "2027-07-31", "buys": "nothing" }
            }]
        }]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_create_whose_answer_was_lost_and_of_many_at_once_one_commitment_comes() {
    let desk = empty().await;
    let mia = Caller::of(&desk, "mia").await;
    let text = small("globex-1", "globex");
    let address = desk.address().await;
    let host = address.trim_start_matches("http://");
    let mut lost = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /v1/commitments HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\nidempotency-key: lost\r\n\
         content-type: application/yaml\r\ncontent-length: {}\r\n\r\n",
        mia.token.as_deref().unwrap(),
        text.len()
    );
    lost.write_all(format!("{head}{text}").as_bytes()).await.unwrap();
    drop(lost);
    let sends = (0..8).map(|_| mia.enter("lost", &text));
    let answers: Vec<Answer> = futures::future::join_all(sends).await;
    let told: BTreeSet<String> = answers.into_iter().map(|answer| answer.data().to_string()).collect();
    assert_eq!(told.len(), 1, "everybody is told the same: {told:?}");
    let rows = desk.told(&["list", "--ended"]).await;
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page() {
    let desk = empty().await;
    let mia = Caller::of(&desk, "mia").await;
    for (id, party) in
        [("globex-1", "globex"), ("initech-1", "initech"), ("globex-2", "globex"), ("globex-3", "globex")]
    {
        assert_eq!(mia.enter(id, &small(id, party)).await.status, 201);
    }
    for (person, expected) in [
        ("mia", &["globex-1", "initech-1", "globex-2", "globex-3"][..]),
        ("bea", &["globex-1", "globex-2", "globex-3"]),
    ] {
        let caller = Caller::of(&desk, person).await;
        let (mut path, mut found, mut pages) = ("/v1/commitments?limit=2".to_owned(), Vec::new(), 0);
        loop {
            let page = caller.get(&path).await;
            let next = page.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
            found.extend(
                page.data().as_array().unwrap().iter().map(|row| row["commitment"].as_str().unwrap().to_owned()),
            );
            pages += 1;
            let Some(next) = next else { break };
            assert!(next.ends_with("; rel=\"next\"") && !next.contains("CMT-"), "{next}");
            path = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
        }
        assert_eq!(
            (found.as_slice(), pages),
            (&expected.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()[..], 2),
            "{person}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn us11_a_buyers_person_reads_its_own_over_http_and_nothing_else() {
    let desk = buyers_apart::both().await;
    desk.write("people.yaml", PEOPLE);
    let bea = Caller::of(&desk, "bea").await;
    for (path, args) in [
        ("/v1/commitments?ended=true".to_owned(), vec!["list", "--ended"]),
        (format!("/v1/commitments/{ID}"), vec!["show", ID]),
        (format!("/v1/commitments/{ID}/forecast"), vec!["forecast", ID]),
    ] {
        let told = bea.get(&path).await;
        let found: Vec<&str> = buyers_apart::MARKS.into_iter().filter(|mark| told.text.contains(mark)).collect();
        assert!(found.is_empty(), "{path} tells {found:?}: {}", told.text);
        let (_, data, _) = desk.says("bea", &[&["commitment"], &args[..], &["--json"]].concat()).await;
        assert_eq!(told.data(), serde_json::from_str::<Value>(&data).unwrap(), "{path}");
    }
    let picture = bea.get(&format!("/v1/commitments/{ID}/burn-down.svg")).await;
    assert!(picture.status == 200 && !buyers_apart::MARKS.iter().any(|mark| picture.text.contains(mark)));
    // Of what is another's, of what was entered by mistake and by its label it says what it says of what was never there.
    for what in ["", "/forecast", "/burn-down.svg"] {
        let said = async |name: &str| {
            let answer = bea.get(&format!("/v1/commitments/{name}{what}")).await;
            assert_eq!(answer.status, 404, "{answer:?}");
            answer.text.replace(name, "X")
        };
        for (hidden, never) in
            [("initech-2025", "nobody-2025"), ("canary-mistake", "nobody-2025"), ("CMT-2027-00001", "CMT-2027-00077")]
        {
            assert_eq!(said(hidden).await, said(never).await, "{hidden}{what}");
        }
    }
    // What is closed on the command line is closed here, and so is everything to people of partners, whatever roles they hold.
    let (pia, vic) = (Caller::of(&desk, "pia").await, Caller::of(&desk, "vic").await);
    for what in ["history", "offers", "explain", "export"] {
        for name in [ID, "initech-2025", "nobody-2025"] {
            bea.get(&format!("/v1/commitments/{name}/{what}")).await.refused(403, "not_allowed");
        }
    }
    let body = ("application/json", "{}");
    for (caller, what) in [(&bea, "bea"), (&pia, "pia"), (&vic, "vic")] {
        for path in ["", "/globex-2025/statements", "/globex-2025/revise?reason=x", "/globex-2025/what-if"] {
            let refused = caller.post(&format!("/v1/commitments{path}"), Some("k"), body).await;
            assert_eq!(refused.status, 403, "{what} {path}: {refused:?}");
        }
    }
    for what in ["", "/globex-2025", "/globex-2025/history", "/globex-2025/burn-down.svg", "/nobody-2025"] {
        for caller in [&pia, &vic] {
            let refused = caller.get(&format!("/v1/commitments{what}")).await.refused(403, "not_allowed");
            assert!(!refused.to_string().contains("canary"), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_holds_until_it_is_revoked_expires_or_its_person_leaves_and_nothing_tells_which() {
    let desk = empty().await;
    let [revoked, leaving, kept] =
        [Caller::of(&desk, "mia").await, Caller::of(&desk, "fin").await, Caller::of(&desk, "mia").await];
    let short = make(&desk, "mia", &["--expires", "1", "--name", "ci"]).await;
    let short = Caller { token: Some(short["token"].as_str().unwrap().to_owned()), ..Caller::unknown(&desk) };
    for caller in [&revoked, &leaving, &kept, &short] {
        assert_eq!(caller.get("/v1/commitments").await.status, 200);
    }
    let (_, listed, _) = desk.says("mia", &["token", "list", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let rows = listed.as_array().unwrap();
    assert_eq!(rows.len(), 3, "those of others are not listed: {listed}");
    assert!(rows.iter().all(|row| !row["last_used"].is_null() && row.get("token").is_none()), "{listed}");
    let hash_or_token = |text: &str| text.contains(kept.token.as_deref().unwrap()) || text.contains("sha256");
    assert!(!hash_or_token(&listed.to_string()) && !hash_or_token(&desk.log()), "it is shown once");

    let id = rows.iter().find(|row| row["id"] == json!(id_of(&revoked))).unwrap()["id"].as_str().unwrap().to_owned();
    let (code, _, words) = desk.says("fin", &["token", "revoke", &id]).await;
    assert!(code == 3 && words.contains("does not exist"), "{words}");
    for (person, code, told) in [("mia", 0, "no longer speaks"), ("mia", 5, "was revoked before")] {
        let (exit, _, words) = desk.says(person, &["token", "revoke", &id]).await;
        assert!(exit == code && words.contains(told), "{words}");
    }
    desk.pass_days(2).await;
    // The server follows the clock a moment later.
    while short.get("/v1/commitments").await.status == 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.write("people.yaml", &PEOPLE.replace("id: fin,", "id: somebody,"));
    let mut answers = BTreeSet::new();
    let nobody = Caller { token: Some("entente_pat_0000".into()), ..Caller::unknown(&desk) };
    for caller in [&revoked, &leaving, &short, &nobody, &Caller::unknown(&desk)] {
        let refused = caller.get("/v1/commitments").await;
        assert_eq!(refused.headers["www-authenticate"], "Bearer");
        answers.insert(refused.refused(401, "token_required").to_string());
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    // A role that was taken away is gone at once, too.
    assert_eq!(kept.get("/v1/commitments").await.status, 200);
    desk.write("people.yaml", &PEOPLE.replace("[alliance_manager], zone", "[viewer], zone"));
    kept.get("/v1/commitments").await.refused(403, "not_allowed");

    let (code, _, words) = desk.says("vic", &["token", "create", "--person", "mia"]).await;
    assert!(code == 4 && words.contains("`admin`"), "{words}");
    for (args, told) in
        [(["--expires", "366"], "365 days at most"), (["--expires", "soon"], "neither a day nor a number")]
    {
        let (code, data, words) = desk.says("vic", &[&["token", "create"], &args[..]].concat()).await;
        assert!(code == 2 && data.is_empty() && words.contains(told), "{words}");
    }
    let (code, all, _) = desk.says("adam", &["token", "list", "--all", "--json"]).await;
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!((code, all.as_array().unwrap().len()), (0, 4));
    let void: Vec<&Value> =
        all.as_array().unwrap().iter().map(|row| &row["void"]).filter(|void| !void.is_null()).collect();
    assert_eq!(void, [&json!("revoked"), &json!("expired")]);
}

/// The id of a caller's token: the beginning of its hash.
fn id_of(caller: &Caller<'_>) -> String {
    use sha2::{Digest as _, Sha256};
    hex::encode(Sha256::digest(caller.token.as_deref().unwrap()))[..12].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_81_no_route_of_people_lets_anybody_in_without_a_token_and_guessing_is_slowed_down() {
    let desk = empty().await;
    let (nobody, mia) = (Caller::unknown(&desk), Caller::of(&desk, "mia").await);
    let described = nobody.get("/v1/openapi.json").await.data();
    let mut told = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] == json!([{ "person": [] }]) {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let request = nobody.request(method, &path.replace("{commitment}", "x")).await;
                told.push(nobody.answer(request).await);
            }
        }
    }
    let statuses: Vec<u16> = told.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [vec![401; 10], vec![429; told.len() - 10]].concat());
    let again: u64 = told.last().unwrap().headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&again), "{again}");
    assert_eq!(told.pop().unwrap().json()["code"], "too_many_requests");
    assert_eq!(
        mia.get("/v1/commitments").await.status,
        200,
        "a token that holds is not kept out by others at its address"
    );
    let exports = async |path: &str| mia.get(path).await.status;
    let mut paced = Vec::new();
    for _ in 0..6 {
        paced.push(exports("/v1/commitments/none/export").await);
    }
    assert_eq!(paced, [404, 404, 404, 404, 404, 429], "what costs more may be asked less often");
    assert_eq!(mia.get("/v1/commitments").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_51_76_what_cannot_be_meant_is_refused_with_its_field_and_nothing_is_written() {
    let desk = empty().await;
    let mia = Caller::of(&desk, "mia").await;
    assert_eq!(mia.enter("one", &small("globex-1", "globex")).await.status, 201);
    let (yaml, json) = ("application/yaml", "application/json");
    let create = async |key: Option<&str>, kind: &str, body: &str| mia.post("/v1/commitments", key, (kind, body)).await;
    create(None, yaml, &small("globex-2", "globex")).await.because_of(400, "key_missing", "idempotency-key");
    for key in ["two words", &"k".repeat(151)] {
        create(Some(key), yaml, &small("globex-2", "globex")).await.refused(400, "key_missing");
    }
    create(Some("k"), "text/plain", "x").await.refused(415, "media_type");
    create(Some("k"), yaml, &" ".repeat(300_000)).await.refused(413, "body_too_large");
    let many_keys: Vec<String> = (0..20_000).map(|n| format!("\"k{n}\":0")).collect();
    for body in [
        "[".repeat(100_000) + &"]".repeat(100_000),
        format!("{{{}}}", many_keys.join(",")),
        r#"{ "commitment": "a", "commitment": "b" }"#.to_owned(),
        r#"{ "commitment": NaN }"#.to_owned(),
        r#"{ "commitment": "\ud800" }"#.to_owned(),
    ] {
        create(Some("k"), json, &body).await.refused(422, "input_refused");
    }
    for decided in ["state: ended", "label: CMT-2027-00001", "created_by: mia", "tenant_id: other"] {
        let (field, _) = decided.split_once(':').unwrap();
        let body = format!("{}\n{decided}\n", small("globex-2", "globex").trim_end());
        let problem = create(Some("k"), yaml, &body).await.refused(422, "input_refused");
        assert!(problem["detail"].as_str().unwrap().contains(field), "{problem}");
    }
    let wrong = small("globex-2", "globex").replace("cloud: aws", "cloud: nimbus");
    create(Some("k"), yaml, &wrong).await.because_of(422, "input_refused", "/cloud");
    create(Some("k"), yaml, &small("globex-1", "globex")).await.refused(409, "key_taken");

    let at = "/v1/commitments/globex-1/statements";
    let said = async |body: Value| mia.post(at, Some("s"), (json, &body.to_string())).await;
    let good = json!({ "as_of": "2027-01-31", "remaining": "400.00", "source": "x" });
    let with = |field: &str, value: &str| {
        let mut body = good.clone();
        body[field] = json!(value);
        body
    };
    for (field, value) in [
        ("as_of", "2027-03-31"),
        ("remaining", "1000.01"),
        ("remaining", "0.001"),
        ("source", " "),
        ("read", "2027-01-01"),
    ] {
        said(with(field, value)).await.because_of(422, "input_refused", field);
    }
    said(with("no_such", "x")).await.refused(422, "input_refused");
    for (path, status, field) in [
        ("?as_of=2027-03-31", 422, "as_of"),
        ("?as_of=tomorrow", 400, "as_of"),
        ("/explain?month=2027", 422, "month"),
        ("/explain?month=2027-01&day=2027-01-01", 422, "month"),
        ("/offers?marks=x", 422, "marks"),
    ] {
        mia.get(&format!("/v1/commitments/globex-1{path}")).await.because_of(status, "input_refused", field);
    }
    for path in ["?asof=2027-01-31", "/forecast?until=never", "/export?format=xml"] {
        mia.get(&format!("/v1/commitments/globex-1{path}")).await.refused(400, "input_refused");
    }
    mia.get("/v1/commitments?limit=0").await.because_of(422, "input_refused", "limit");
    mia.get("/v1/commitments/globex-1/no-such").await.refused(404, "not_found");
    let request = mia.request(Method::DELETE, "/v1/commitments/globex-1").await;
    mia.answer(request).await.refused(404, "not_found");
    let rows = desk.told(&["list", "--ended"]).await;
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["statement"]), (1, &Value::Null), "{rows}");
}
