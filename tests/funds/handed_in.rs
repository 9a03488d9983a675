//! The proof of claims: handed in by their partners, as `entente claim create` does it.

use entente::funding::evidence::{self, File, Kept, NotKept};

use crate::{
    house::{
        again::{MayBeBusy, again},
        proof,
    },
    vendor::Vendor,
};

impl MayBeBusy for NotKept {
    fn is_busy(&self) -> bool {
        matches!(self, NotKept::Records(error) if error.is_busy())
    }
}

impl Vendor {
    /// A partner hands in the file of a name.
    pub async fn hand_in(&self, partner: &str, name: &str) -> Kept {
        let (party, now) = (partner.parse().unwrap(), self.now().await);
        let (vault, scanner) = (self.app.evidence.vault().unwrap(), self.app.config.scanner());
        let file = || File { name, bytes: proof::bytes(name), class: "proof" };
        again(async || evidence::keep(self.store(), &vault, scanner.as_ref(), &party, file(), now).await).await
    }

    /// A claim whose files are handed in by its partner, and named by their hashes. Other papers name none.
    pub async fn handed_in(&self, text: &str) -> String {
        let partner = text.lines().find_map(|line| line.strip_prefix("partner: ")).unwrap_or_default();
        let mut named = text.to_owned();
        for item in text.split("{ file: ").skip(1) {
            let name = item.split(',').next().unwrap();
            if name.contains('.') {
                let kept = self.hand_in(partner, name).await;
                named = named.replace(&format!("file: {name},"), &format!("file: {},", kept.sha256));
            }
        }
        named
    }
}
