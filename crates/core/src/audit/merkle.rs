//! The Merkle tree of RFC 6962, section 2.1: leaves and nodes are hashed in different domains.

use super::Fingerprint;

const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];

/// The root over `leaves`, in their order; of none, the hash of nothing.
pub fn merkle_root<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> Fingerprint {
    // Complete subtrees, the largest first: the binary digits of the number of leaves so far.
    let mut subtrees: Vec<(u32, Fingerprint)> = Vec::new();
    for leaf in leaves {
        let mut tree = (0, Fingerprint::of(&[LEAF, leaf.as_ref()]));
        while let Some((_, left)) = subtrees.pop_if(|(height, _)| *height == tree.0) {
            tree = (tree.0 + 1, node(&left, &tree.1));
        }
        subtrees.push(tree);
    }
    let root = subtrees.into_iter().map(|(_, root)| root).rev().reduce(|right, left| node(&left, &right));
    root.unwrap_or_else(|| Fingerprint::of(&[]))
}

fn node(left: &Fingerprint, right: &Fingerprint) -> Fingerprint {
    Fingerprint::of(&[NODE, &left.0, &right.0])
}
