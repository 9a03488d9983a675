//! The proof of what was done: files that go into the vault, as partners hand them in.

use entente_core::context::funding::Proof;

use super::{
    Funding,
    plots::{Fate, Plot},
};
use crate::funding::evidence;

/// A picture of one event, which is the only one that needs one.
const PHOTO: &[u8] = include_bytes!("room.png");

impl Funding {
    /// Keeps the files of a claim, and names them as it does. The same files are kept once.
    pub(super) async fn proof(&self, plot: &Plot) -> anyhow::Result<Vec<Proof>> {
        let mut files = vec![
            (format!("{}.pdf", plot.invoice), invoice(plot), "invoice"),
            ("attendees.csv".to_owned(), attendees(plot), "attendee_list"),
        ];
        if plot.fate == Fate::Shared {
            files.push(("room.png".to_owned(), PHOTO.to_vec(), "photo"));
        }
        let app = self.teller.app();
        let vault = app.evidence.vault()?;
        let (scanner, party) = (app.config.scanner(), plot.partner.id.parse()?);
        let mut proof = Vec::new();
        for (name, bytes, kind) in files {
            let file = evidence::File { name: &name, bytes, class: &evidence::class_of(kind) };
            let store = app.store.as_ref();
            let kept = evidence::keep(store, &vault, scanner.as_ref(), &party, file, app.clock.now()).await?;
            proof.push(Proof { file: kept.sha256, kind: kind.to_owned() });
        }
        Ok(proof)
    }
}

/// A page that says which invoice it is, and for whom.
fn invoice(plot: &Plot) -> Vec<u8> {
    format!(
        "%PDF-1.7\n% invoice {} for {}\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n\
         <</Type/Pages/Kids[]/Count 0>>\nendobj\nxref\n0 3\n0000000000 65535 f \ntrailer\n<</Size 3/Root 1 0 R>>\n\
         startxref\n94\n%%EOF\n",
        plot.invoice, plot.partner.id
    )
    .into_bytes()
}

fn attendees(plot: &Plot) -> Vec<u8> {
    format!("name,company,place\nAda,Globex,{place}\nBo,Initech,{place}\n", place = plot.place).into_bytes()
}
