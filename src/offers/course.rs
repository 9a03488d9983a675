//! What people would do to make an offer as a document says, and what each of these commands would send.

use entente_core::{
    context::private_offer::{AMENDABLE, Expiry},
    offer::{Offer, revision},
};
use entente_port::Write;

use super::{
    Desk, DeskError,
    amend::{self, can_be_amended},
    stored::StoredOffer,
};

/// The commands that lead from what is to what a document says.
#[derive(Debug, Default)]
pub struct Course {
    /// The commands in their order, each with the writes that it leads to.
    pub commands: Vec<Ahead>,
    /// Why no command leads there, or none is needed.
    pub nothing_because: Option<String>,
}

/// A command, and what it would make the marketplace do.
#[derive(Debug)]
pub struct Ahead {
    /// The command as people type it.
    pub command: String,
    /// The writes, in their order.
    pub writes: Vec<Write>,
    /// Whether people must agree before anything is sent.
    pub asks: bool,
}

impl Ahead {
    fn asking(command: String, writes: Vec<Write>) -> Ahead {
        Ahead { command, writes, asks: true }
    }
}

impl Course {
    fn of(commands: Vec<Ahead>) -> Course {
        Course { commands, nothing_because: None }
    }

    fn nothing(because: String) -> Course {
        Course { commands: Vec::new(), nothing_because: Some(because) }
    }

    /// Whether people must agree before anything is sent.
    pub fn asks(&self) -> bool {
        self.commands.iter().any(|ahead| ahead.asks)
    }
}

impl Desk {
    /// What leads from the offer that carries the document's reference, where there is one, to the document.
    ///
    /// # Errors
    /// When the last moment of an extension cannot be computed.
    pub fn course(&self, offer: &Offer, existing: Option<&StoredOffer>) -> Result<Course, DeskError> {
        let create = || vec![Write::CreateOffer { offer: Box::new(offer.clone()) }];
        let Some(stored) = existing else {
            return Ok(Course::of(vec![Ahead::asking("offer create <offer.yaml> --submit".into(), create())]));
        };
        let snapshot = &stored.row.snapshot;
        let label = &snapshot.label;
        let tagged = |tag: &str| snapshot.tags.iter().any(|known| known == tag);
        let same = stored.offer.standing() == *offer;
        if snapshot.incident.is_some() {
            return Ok(Course::nothing(format!(
                "`{label}` is parked; see why with `entente incident show {label}`, and settle that first"
            )));
        }
        let revise = || format!("offer revise {label} <offer.yaml>");
        let submit = || Ahead::asking(format!("offer submit {label}"), create());
        Ok(if tagged("awaiting_buyer") {
            self.live(offer, stored)?
        } else if tagged("amending") {
            Course::nothing(format!(
                "`{label}` is being amended; see how with `entente offer show {label}`, or drop it with `entente offer keep {label}`"
            ))
        } else if tagged("editable") && same {
            Course::of(vec![submit()])
        } else if tagged("refused") {
            // A revision of what was refused is submitted by itself; one of a draft is not.
            Course::of(vec![Ahead::asking(revise(), create())])
        } else if tagged("editable") {
            Course::of(vec![Ahead::asking(revise(), Vec::new()), submit()])
        } else if tagged("awaiting_approval") {
            let command = if same { format!("approve {label} --revision <revision>") } else { revise() };
            Course::of(vec![Ahead::asking(command, create())])
        } else if tagged("accepted") {
            Course::nothing(format!(
                "`{label}` has been accepted; a change is an offer with a reference of its own that names the agreement in `renewal`"
            ))
        } else {
            Course::nothing(format!("`{label}` is in `{}`: wait until that is done, then look again", snapshot.state))
        })
    }

    /// What can be changed of an offer that is before its buyer: the last day, what an amendment changes, and the account.
    fn live(&self, offer: &Offer, stored: &StoredOffer) -> Result<Course, DeskError> {
        let label = &stored.row.snapshot.label;
        let Some(offer_id) = stored.offer.remote.offer_id.clone() else { return Ok(Course::default()) };
        let (mut extended, mut moved, mut amended, mut fixed) = (false, false, false, Vec::new());
        for difference in revision::differences(&stored.offer.standing(), offer) {
            match difference.field.as_str() {
                "/expires_on" => extended = true,
                field if field.starts_with("/buyer/accounts") => moved = true,
                field if AMENDABLE.contains(&field) && can_be_amended(stored) => amended = true,
                _ => fixed.push(format!("`{}`", difference.field)),
            }
        }
        if !fixed.is_empty() {
            return Ok(Course::nothing(format!(
                "no command changes {} of a live offer; withdraw `{label}`, and create another one",
                fixed.join(", ")
            )));
        }
        if amended && moved {
            return Ok(Course::nothing(format!(
                "`{label}` is amended and reissued one after the other; write a document for each"
            )));
        }
        if amended {
            return self.amended(offer, stored, offer_id);
        }
        let mut commands = Vec::new();
        if extended {
            let until = offer.expires_on;
            let extension = Expiry { last_day: until, last_moment: self.last_moment(offer, until)? };
            if let Some(why) = stored.offer.extension_refused(&extension) {
                return Ok(Course::nothing(format!("`{label}` cannot be extended: {why}")));
            }
            let standing = Box::new(stored.offer.offer.clone());
            let write = Write::ExtendOffer { offer_id: offer_id.clone(), expires_on: until, offer: standing };
            let command = format!("offer extend {label} --until {until}");
            commands.push(Ahead { command, writes: vec![write], asks: false });
        }
        if moved {
            let [account] = offer.buyer.accounts.as_slice() else {
                return Ok(Course::nothing(format!(
                    "a live offer is reissued to one account; withdraw `{label}`, and create another one"
                )));
            };
            let create = Write::CreateOffer { offer: Box::new(offer.clone()) };
            let command = format!("offer reissue {label} --account {account}");
            commands.push(Ahead::asking(command, vec![Write::WithdrawOffer { offer_id }, create]));
        }
        Ok(match commands.is_empty() {
            true => Course::nothing(format!("`{label}` is live as the document says")),
            false => Course::of(commands),
        })
    }
    /// One change of what stands there, the last day included.
    fn amended(&self, offer: &Offer, stored: &StoredOffer, offer_id: String) -> Result<Course, DeskError> {
        let label = &stored.row.snapshot.label;
        let expiry = Expiry { last_day: offer.expires_on, last_moment: self.last_moment(offer, offer.expires_on)? };
        if let Some((field, why)) = stored.offer.amendment_refused(offer, &expiry) {
            return Ok(Course::nothing(format!("`{label}` cannot be amended: field `{field}`: {why}")));
        }
        let asks = !stored.offer.administrative(offer);
        let write = amend::write(offer_id, &stored.offer.standing(), offer);
        let command = format!("offer amend {label} --file <offer.yaml>");
        Ok(Course::of(vec![Ahead { command, writes: vec![write], asks }]))
    }
}
