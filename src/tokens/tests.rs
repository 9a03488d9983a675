//! What tokens may do, and until when, over the store that is obviously right.

use entente_core::people::People;
use entente_store::{Audit as _, Tokens as _, model::ModelStore};

use super::*;

const PEOPLE: &str = "
persons:
  - { id: mia, name: Mia, email: m@acme.example, roles: [alliance_manager], zone: UTC }
  - { id: vic, name: Vic, email: v@acme.example, roles: [viewer], zone: UTC }
  - { id: adam, name: Adam, email: a@acme.example, roles: [admin], zone: UTC }
  - { id: bob, name: Bob, email: b@globex.example, roles: [buyer_user, admin], party: globex, zone: UTC }
";

struct Office {
    store: ModelStore,
    people: People,
}

fn at(days: i64) -> Timestamp {
    "2027-03-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

impl Office {
    fn new() -> Office {
        Office { store: ModelStore::new(), people: People::from_yaml("people.yaml", PEOPLE).unwrap() }
    }

    async fn make(&self, by: &str, person: &str, until: i64) -> Result<(Secret, TokenRow), TokenError> {
        let (by, person) = (by.parse().unwrap(), person.parse().unwrap());
        let acting = Acting { people: &self.people, person: &by, at: at(0) };
        make(&self.store, acting, &person, "laptop", at(until)).await
    }

    async fn revoke(&self, by: &str, id: &str) -> Result<TokenRow, TokenError> {
        let by = by.parse().unwrap();
        revoke(&self.store, Acting { people: &self.people, person: &by, at: at(1) }, id).await
    }

    async fn speaks_for(&self, token: &str, day: i64) -> Option<String> {
        shown(&self.store, token, at(day)).await.unwrap().map(|row| row.person.to_string())
    }
}

#[tokio::test]
async fn a_token_speaks_for_its_person_until_it_ends_and_only_its_hash_is_kept() {
    let office = Office::new();
    let (secret, row) = office.make("mia", "mia", 90).await.unwrap();
    assert!(secret.reveal().starts_with("entente_pat_") && secret.reveal().len() == PREFIX.len() + 64);
    assert_eq!(format!("{secret:?}"), "***");
    assert!(
        !format!("{row:?}").contains(&secret.reveal()[PREFIX.len()..PREFIX.len() + 12]),
        "its id tells nothing of it"
    );
    assert_eq!(office.speaks_for(secret.reveal(), 89).await.as_deref(), Some("mia"));
    for (token, day) in [(secret.reveal(), 90), ("entente_pat_00", 1), (&secret.reveal()[PREFIX.len()..], 1)] {
        assert_eq!(office.speaks_for(token, day).await, None, "{day}");
    }
    let (other, _) = office.make("mia", "mia", 90).await.unwrap();
    assert_ne!(other.reveal(), secret.reveal());
}

#[tokio::test]
async fn a_token_holds_a_year_at_most() {
    let office = Office::new();
    for until in [-1, 0, 366] {
        assert!(matches!(office.make("mia", "mia", until).await, Err(TokenError::Term)), "{until}");
    }
    assert!(office.make("mia", "mia", 365).await.is_ok());
}

#[tokio::test]
async fn everybody_makes_their_own_and_admins_of_the_vendor_everybodys() {
    let office = Office::new();
    for (by, person, may) in [
        ("vic", "vic", true),
        ("bob", "bob", true),
        ("mia", "vic", false),
        ("bob", "mia", false),
        ("adam", "bob", true),
        ("adam", "nobody", false),
    ] {
        let made = office.make(by, person, 1).await;
        assert_eq!(made.is_ok(), may, "{by} for {person}: {made:?}");
        assert!(may || matches!(made, Err(TokenError::Refused(_))), "{made:?}");
    }
}

#[tokio::test]
async fn a_revoked_token_stops_at_once_and_others_are_not_there_for_who_may_not() {
    let office = Office::new();
    let (secret, row) = office.make("mia", "mia", 90).await.unwrap();
    for by in ["vic", "bob"] {
        let refused = office.revoke(by, &row.id).await;
        assert!(matches!(refused, Err(TokenError::Store(Error::NotFound { .. }))), "{by}: {refused:?}");
    }
    assert!(office.speaks_for(secret.reveal(), 1).await.is_some());
    let revoked = office.revoke("adam", &row.id).await.unwrap();
    assert_eq!(revoked.revoked, Some(("adam".parse().unwrap(), at(1))));
    assert_eq!(office.speaks_for(secret.reveal(), 1).await, None);
    assert!(matches!(office.revoke("mia", &row.id).await, Err(TokenError::RevokedBefore(_))));
}

#[tokio::test]
async fn no_token_outlives_a_restore() {
    let office = Office::new();
    let (secret, row) = office.make("mia", "mia", 90).await.unwrap();
    office.store.new_epoch("epoch-2").await.unwrap();
    assert_eq!(office.speaks_for(secret.reveal(), 1).await, None);
    assert_eq!(void(&row, "epoch-2", at(1)), Some("of before a restore"));
    let (again, _) = office.make("mia", "mia", 90).await.unwrap();
    assert!(office.speaks_for(again.reveal(), 1).await.is_some());
}

#[tokio::test]
async fn its_use_is_noted_once_an_hour_at_most() {
    let office = Office::new();
    let (secret, row) = office.make("mia", "mia", 90).await.unwrap();
    let used = async |minutes: i64| {
        let now = at(0) + SignedDuration::from_mins(minutes);
        shown(&office.store, secret.reveal(), now).await.unwrap();
        let kept = office.store.tokens(None).await.unwrap().into_iter().find(|kept| kept.id == row.id).unwrap();
        kept.last_used.map(|used| used.duration_since(at(0)).as_mins())
    };
    assert_eq!([used(5).await, used(64).await, used(65).await], [Some(5), Some(5), Some(65)]);
}
