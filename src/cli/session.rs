//! One command's view of the installation: what is opened, who acts, and what they may do.

use std::path::PathBuf;

use entente_core::{
    event::Actor,
    ids::{LegalEntityId, PartyId, PersonId},
    money::Money,
    run::Snapshot,
    scope::{Entities, Home, Scope},
};
use entente_store::Error as StoreError;

use super::{
    exit::Exit,
    failure::Failure,
    output::{Color, Out},
};
use crate::{
    app::App,
    authz::{Acting, Action, Resource},
    cards::in_sight,
    database::Use,
    offers::{
        Desk,
        stored::{self, StoredOffer},
    },
};

/// The options that every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Globals {
    /// The configuration file [default: entente.yaml]
    #[arg(long, global = true, value_name = "FILE", env = "ENTENTE_CONFIG", help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// Print data as JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// The person who acts, by the id in the people file
    #[arg(long, global = true, value_name = "PERSON", env = "ENTENTE_ACTOR", help_heading = "Global options")]
    pub actor: Option<PersonId>,
    /// Print data and errors only
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Global options")]
    pub color: Color,
    /// The command that is given, by its words
    #[arg(skip)]
    pub command: String,
}

impl Globals {
    /// The streams that the options ask for.
    pub fn out(&self) -> Out {
        Out::new(self.json, self.quiet, self.color)
    }
}

/// One command's view of the installation.
pub struct Session {
    /// The installation.
    pub app: App,
    /// Where data and words go.
    pub out: Out,
    actor: Option<PersonId>,
}

impl Session {
    /// Opens the installation beside a server that may be running, for the vendor's people, and for those of partners and buyers
    /// where the command is theirs.
    ///
    /// # Errors
    /// When configuration, database, people or calendars cannot be read, a buyer's person belongs to no buyer, or the command is not
    /// for the person who acts.
    pub async fn open(globals: &Globals) -> Result<Session, Failure> {
        let app = App::open(globals.config.as_deref(), Use::Beside).await?;
        let out = globals.out();
        if let Some(why) = &app.stands_still {
            out.warn(&format!("{why}; time stands at {}, where history ends", app.clock.now()));
        }
        let session = Session { app, out, actor: globals.actor.clone() };
        session.may_give(&globals.command)?;
        Ok(session)
    }

    /// Refuses a command that is not for people of a partner or a buyer, where such a person acts.
    fn may_give(&self, command: &str) -> Result<(), Failure> {
        self.acting().map_or(Ok(()), |acting| acting.may_give(command)).map_err(Failure::from)
    }

    /// The person who acts, as the people file knows them, if the command line names one.
    fn acting(&self) -> Option<Acting<'_>> {
        let (people, at) = (self.app.people.as_ref(), self.app.clock.now());
        self.actor.as_ref().map(|person| Acting { people, person, at })
    }

    /// Whoever asks for something that is not for everybody.
    ///
    /// # Errors
    /// When nobody is named.
    pub fn asks(&self, kind: &'static str) -> Result<Acting<'_>, Failure> {
        self.acting().ok_or_else(|| {
            Failure::usage(format!("the {kind} is not for everybody, and it is not said who asks"))
                .hint("add --actor <person>, or set ENTENTE_ACTOR")
        })
    }

    /// Whether a buyer's person acts.
    fn is_of_a_buyer(&self) -> bool {
        self.acting().is_some_and(|acting| acting.is_of_a_buyer())
    }

    /// What the use-cases work with, now.
    pub fn desk(&self) -> Desk {
        Desk::of(&self.app)
    }

    /// The person who acts, if the command line names one.
    pub fn actor(&self) -> Option<&PersonId> {
        self.actor.as_ref()
    }

    /// The partner or buyer whose person acts, where it is one: such a person sees what is its own.
    pub fn party(&self) -> Option<&PartyId> {
        self.actor.as_ref().and_then(|person| self.app.people.person(person)?.party.as_ref())
    }

    /// The partner whose person acts, where it is one: such a person is told nothing of others, nor of what the vendor's people
    /// note and decide among themselves.
    pub fn partner(&self) -> Option<&PartyId> {
        self.party().filter(|_| !self.is_of_a_buyer())
    }

    /// Whether a person belongs to the same partner or buyer as whoever acts.
    pub fn is_of_ones_own(&self, person: &PersonId) -> bool {
        let known = self.app.people.person(person);
        self.party().is_some_and(|party| known.is_some_and(|known| known.party.as_ref() == Some(party)))
    }

    /// The buyer whose person acts, where it is one.
    pub fn buyer(&self) -> Option<&PartyId> {
        self.party().filter(|_| self.is_of_a_buyer())
    }

    /// What a command that is for everybody reads: a buyer's person what is the buyer's own.
    pub fn scope(&self) -> Scope {
        self.buyer().map_or_else(Scope::vendor, |buyer| Scope::party(buyer.clone()))
    }

    /// Whether a run is in sight of whoever acts: of commitment cards each side sees its own.
    pub fn in_sight(&self, chart: &str, home: &Home) -> bool {
        in_sight(self.party(), chart, home)
    }

    /// Refuses a run that is out of sight as one that is not there; `kind` is what people call it.
    ///
    /// # Errors
    /// When it is out of sight.
    pub fn seen(&self, run: &Snapshot, kind: &'static str) -> Result<(), Failure> {
        match self.in_sight(&run.chart.name, &run.home) {
            true => Ok(()),
            false => Err(StoreError::NotFound { kind, id: run.label.clone() }.into()),
        }
    }

    /// The person who acts.
    ///
    /// # Errors
    /// When nobody is named, or it is not known what time it is.
    pub fn person(&self) -> Result<&PersonId, Failure> {
        if self.app.stands_still.is_some() {
            let failure = Failure::new(Exit::Error, "nothing can be changed while the sandbox does not answer");
            return Err(failure.hint("start it again with `entente sandbox --listen <address> --state <file>`"));
        }
        self.actor.as_ref().ok_or_else(|| {
            Failure::usage("this changes something, and it is not said who acts")
                .hint("add --actor <person>, or set ENTENTE_ACTOR")
        })
    }

    /// The actor for something that belongs to a legal entity, if the person may do it.
    ///
    /// # Errors
    /// When nobody is named, the person is not known, or may not.
    pub fn act_for(
        &self,
        action: Action,
        kind: &'static str,
        name: &str,
        entity: &LegalEntityId,
    ) -> Result<Actor, Failure> {
        self.act_as(action, kind, name, entity, None, None)
    }

    /// As [`Session::act_for`], perhaps on behalf of somebody, and with the roles whose personal limit reaches `value`.
    ///
    /// # Errors
    /// As [`Session::act_for`], and when no delegation is in force.
    pub fn act_as(
        &self,
        action: Action,
        kind: &'static str,
        name: &str,
        entity: &LegalEntityId,
        on_behalf_of: Option<&PersonId>,
        value: Option<Money>,
    ) -> Result<Actor, Failure> {
        let acting = Acting { people: &self.app.people, person: self.person()?, at: self.app.clock.now() };
        Ok(acting.of_entity(action, Resource::of(kind, name, entity), on_behalf_of, value)?)
    }

    /// The actor for something that belongs to the organisation as a whole, if the person may do it.
    ///
    /// # Errors
    /// When nobody is named, the person is not known, or may not.
    pub fn act(&self, action: Action, kind: &'static str, name: &str) -> Result<Actor, Failure> {
        let acting = Acting { people: &self.app.people, person: self.person()?, at: self.app.clock.now() };
        Ok(acting.of_all(action, &Resource::of_all(kind, name))?.0)
    }

    /// What the person may see of something that not everybody may see: all of it, or that of the legal entities that the
    /// person works for.
    ///
    /// # Errors
    /// When nobody is named, the person is not known, or may not.
    pub fn reach(&self, action: Action, kind: &'static str, name: &str) -> Result<Scope, Failure> {
        Ok(self.asks(kind)?.reach(action, kind, name)?)
    }

    /// Refuses whoever may not see something that shows all that there is, of every legal entity and every party: no scope
    /// narrows it.
    ///
    /// # Errors
    /// When nobody is named, the person is not known, may not, or is not of the vendor as a whole.
    pub fn see_all(&self, action: Action, kind: &'static str, name: &str) -> Result<(), Failure> {
        let scope = self.reach(action, kind, name)?;
        self.of_the_vendor(kind)?;
        match scope.entities {
            Entities::All => Ok(()),
            Entities::Only(_) => Err(Failure::new(
                Exit::Forbidden,
                format!("the {kind} is only for people who work for every legal entity"),
            )),
        }
    }

    /// Refuses people of partners and buyers.
    ///
    /// # Errors
    /// When whoever acts belongs to a party.
    pub fn of_the_vendor(&self, kind: &'static str) -> Result<(), Failure> {
        let refused = |party| {
            let message = format!("the {kind} is for the vendor's own people, and not for those of `{party}`");
            Failure::new(Exit::Forbidden, message)
        };
        self.party().map_or(Ok(()), |party| Err(refused(party)))
    }

    /// An offer by its label.
    ///
    /// # Errors
    /// When there is none.
    pub async fn offer(&self, label: &str) -> Result<StoredOffer, Failure> {
        Ok(stored::by_label(self.app.store.as_ref(), label).await?)
    }

    /// Where an offer belongs.
    pub fn home<'a>(&self, offer: &'a StoredOffer) -> &'a Home {
        &offer.row.snapshot.home
    }
}
