//! Every route with what it takes: the one table from which the server is made, and its description for programs.

use axum::{
    http::Method,
    routing::{MethodRouter, get, post},
};

use super::{Api, commitments, events, limits::Pace, openapi, ready};
use crate::authz::Action;

/// By which method something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `GET`: it only looks.
    Get,
    /// `POST`.
    Post,
}

/// A route.
#[derive(Clone, Copy)]
pub struct Route {
    /// Its method.
    pub verb: Verb,
    /// Its path, with its parts that differ in braces.
    pub path: &'static str,
    /// Who may ask.
    pub access: Access,
    /// How often.
    pub pace: Pace,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Its parameters beside those of the path: name, what it is, and its format.
    pub asked: &'static [Parameter],
    /// What it takes.
    pub body: Option<Sent>,
    /// What it answers with.
    pub answer: Answer,
    handler: fn() -> MethodRouter<Api>,
}

/// A parameter of the address.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Its schema's format or pattern.
    pub format: &'static str,
    /// Whether it has to be there.
    pub required: bool,
}

/// Who may ask.
#[derive(Clone, Copy)]
pub enum Access {
    /// Anybody who reaches the server.
    Anybody,
    /// Whoever shows the token for events, or this machine.
    Marketplace,
    /// A person who shows a token that holds.
    Person {
        /// The words of the command that does the same: closed to whom that is closed.
        command: &'static str,
        /// What it takes: one of these.
        actions: &'static [Action],
    },
}

/// What a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A commitment's document; a write.
    Document,
    /// A statement of the cloud; a write.
    Statement,
    /// What would be added; nothing is written.
    Added,
    /// An event of a marketplace.
    Event,
}

impl Sent {
    /// Whether it comes with a key.
    pub fn writes(self) -> bool {
        matches!(self, Sent::Document | Sent::Statement)
    }
}

/// What a route answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Words.
    Words,
    /// Nothing.
    Nothing,
    /// JSON, the same as that of the command.
    Json,
    /// What became of a write.
    Written,
    /// A picture.
    Svg,
    /// A dataset.
    Csv,
}

const READS: &[Action] = &[Action::ReadCommitments, Action::ReadOwnCommitments];
const SELLERS: &[Action] = &[Action::ReadCommitments];
const WRITES: &[Action] = &[Action::ManageCommitments];

const fn optional(name: &'static str, what: &'static str, format: &'static str) -> Parameter {
    Parameter { name, what, format, required: false }
}

const AS_OF: Parameter = optional("as_of", "the figures at the end of this day", "date");
const KNOWN_ON: Parameter = optional("known_on", "as they were known at the end of this day", "date");
const DAYS: &[Parameter] = &[AS_OF, KNOWN_ON];

const LIST: &[Parameter] = &[
    optional("ended", "those that have ended as well: true or false", "boolean"),
    optional("tag", "only those in a state with this tag", "text"),
    optional("limit", "at most so many, 1 to 1000; 100 where none is said", "integer"),
    optional("after", "where the page begins: as the `Link` header of the page before says", "uuid"),
];
const REASON: &[Parameter] =
    &[Parameter { name: "reason", what: "why; the history keeps it", format: "text", required: true }];
const FORECAST: &[Parameter] =
    &[AS_OF, KNOWN_ON, optional("until", "period_end, or next_due: the next amount due", "text")];
const OFFERS: &[Parameter] =
    &[AS_OF, KNOWN_ON, optional("marks", "what is known, such as runs_on_cloud=true,subscription=false", "text")];
const EXPLAIN: &[Parameter] = &[
    optional("day", "what counts on this day", "date"),
    optional("month", "what counts in this month, such as 2027-03", "month"),
    optional("product", "what was spent on this product", "text"),
    optional("account", "what was spent by this account", "text"),
    optional("reason", "what this rule has decided, such as K10", "text"),
];
const EXPORT: &[Parameter] = &[
    AS_OF,
    KNOWN_ON,
    optional("format", "focus, focus-preview, contract-applied or contract-applied-preview", "text"),
];

/// A route for people.
const fn person(
    (verb, path): (Verb, &'static str),
    (command, actions): (&'static str, &'static [Action]),
    summary: &'static str,
    answer: Answer,
    handler: fn() -> MethodRouter<Api>,
) -> Route {
    let access = Access::Person { command, actions };
    Route { verb, path, access, pace: Pace::Usual, summary, asked: &[], body: None, answer, handler }
}

/// Every route.
pub static ROUTES: [Route; 16] = [
    Route {
        access: Access::Anybody,
        ..person((Verb::Get, "/healthz"), ("", &[]), "whether the server answers", Answer::Words, || {
            get(|| async { "ok\n" })
        })
    },
    Route {
        access: Access::Anybody,
        ..person((Verb::Get, "/readyz"), ("", &[]), "whether this process does its part", Answer::Words, || get(ready))
    },
    Route {
        access: Access::Anybody,
        ..person((Verb::Get, "/v1/openapi.json"), ("", &[]), "this description", Answer::Json, || {
            get(openapi::document)
        })
    },
    Route {
        access: Access::Marketplace,
        body: Some(Sent::Event),
        ..person(
            (Verb::Post, "/v1/connectors/{*account}"),
            ("", &[]),
            "take an event of a marketplace, which is only a hint to look",
            Answer::Nothing,
            || post(events::receive),
        )
    },
    Route {
        asked: LIST,
        ..person((Verb::Get, "/v1/commitments"), ("commitment list", READS), "list commitments", Answer::Json, || {
            get(commitments::list)
        })
    },
    Route {
        body: Some(Sent::Document),
        ..person(
            (Verb::Post, "/v1/commitments"),
            ("commitment create", WRITES),
            "enter a commitment",
            Answer::Written,
            || post(commitments::create),
        )
    },
    Route {
        asked: DAYS,
        ..person(
            (Verb::Get, "/v1/commitments/{commitment}"),
            ("commitment show", READS),
            "show where a commitment stands, on any day and as it was known on any day",
            Answer::Json,
            || get(commitments::show),
        )
    },
    Route {
        asked: REASON,
        body: Some(Sent::Document),
        ..person(
            (Verb::Post, "/v1/commitments/{commitment}/revise"),
            ("commitment revise", WRITES),
            "bring another document, with one version of its terms more",
            Answer::Written,
            || post(commitments::revise),
        )
    },
    person(
        (Verb::Get, "/v1/commitments/{commitment}/history"),
        ("commitment history", SELLERS),
        "show everything that happened to a commitment",
        Answer::Json,
        || get(commitments::history),
    ),
    Route {
        asked: FORECAST,
        ..person(
            (Verb::Get, "/v1/commitments/{commitment}/forecast"),
            ("commitment forecast", READS),
            "show where the current period will end, with every model's past error",
            Answer::Json,
            || get(commitments::forecast),
        )
    },
    Route {
        asked: DAYS,
        body: Some(Sent::Added),
        ..person(
            (Verb::Post, "/v1/commitments/{commitment}/what-if"),
            ("commitment what-if", SELLERS),
            "show where it would end if something were added; nothing is kept",
            Answer::Json,
            || post(commitments::what_if),
        )
    },
    Route {
        asked: OFFERS,
        ..person(
            (Verb::Get, "/v1/commitments/{commitment}/offers"),
            ("commitment offers", SELLERS),
            "show open offers and plans, each with the share of the gap that it covers and why it counts",
            Answer::Json,
            || get(commitments::offers),
        )
    },
    Route {
        body: Some(Sent::Statement),
        ..person(
            (Verb::Post, "/v1/commitments/{commitment}/statements"),
            ("commitment statement add", WRITES),
            "keep what the cloud itself says remains",
            Answer::Written,
            || post(commitments::statement),
        )
    },
    Route {
        asked: EXPLAIN,
        pace: Pace::Seldom,
        ..person(
            (Verb::Get, "/v1/commitments/{commitment}/explain"),
            ("commitment explain", &[Action::ReadSpend]),
            "explain what of the spend counts, sum by sum",
            Answer::Json,
            || get(commitments::explain),
        )
    },
    Route {
        asked: DAYS,
        ..person(
            (Verb::Get, "/v1/commitments/{commitment}/burn-down.svg"),
            ("commitment draw", READS),
            "draw what is left, the glide path, and where it will end",
            Answer::Svg,
            || get(commitments::burn_down),
        )
    },
    Route {
        asked: EXPORT,
        pace: Pace::Seldom,
        ..person(
            (Verb::Get, "/v1/commitments/{commitment}/export"),
            ("commitment export", SELLERS),
            "write it as a dataset of FOCUS",
            Answer::Csv,
            || get(commitments::export),
        )
    },
];

/// The route of a path as the router matched it. What is asked with `HEAD` is what is asked with `GET`.
pub fn of(method: &Method, path: &str) -> Option<&'static Route> {
    let verb = match *method {
        Method::GET | Method::HEAD => Verb::Get,
        Method::POST => Verb::Post,
        _ => return None,
    };
    ROUTES.iter().find(|route| route.verb == verb && route.path == path)
}

/// The server's routes, all of them.
pub fn router() -> axum::Router<Api> {
    ROUTES.iter().fold(axum::Router::new(), |router, route| router.route(route.path, (route.handler)()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(verb: Verb) -> Method {
        match verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
        }
    }

    #[test]
    fn every_route_of_a_person_says_what_it_takes_and_no_other_route_is_there() {
        for route in &ROUTES {
            if let Access::Person { command, actions } = route.access {
                assert!(!command.is_empty() && !actions.is_empty(), "{:?} {}", route.verb, route.path);
            }
            assert!(std::ptr::eq(of(&method(route.verb), route.path).unwrap(), route), "{} is there once", route.path);
        }
        let open: Vec<&str> =
            ROUTES.iter().filter(|route| matches!(route.access, Access::Anybody)).map(|route| route.path).collect();
        assert_eq!(open, ["/healthz", "/readyz", "/v1/openapi.json"]);
        // The server is made from the table alone.
        let sources = [include_str!("mod.rs"), include_str!("commitments.rs"), include_str!("openapi.rs")];
        assert!(sources.iter().all(|text| !text.contains(concat!(".rou", "te("))));
    }
}
