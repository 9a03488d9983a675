//! How alike two texts or pictures are, in whole numbers.

/// A text as it is compared: letters and digits alone, in lower case.
pub(super) fn normalised(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How alike two texts are, in percent: 100 less the share of characters that have to be changed, added or removed.
pub(super) fn similarity(left: &str, right: &str) -> u32 {
    let left: Vec<char> = normalised(left).chars().take(200).collect();
    let right: Vec<char> = normalised(right).chars().take(200).collect();
    let longest = left.len().max(right.len());
    if longest == 0 {
        return 0;
    }
    let same = longest - distance(&left, &right).min(longest);
    u32::try_from(same * 100 / longest).unwrap_or(0)
}

/// The number of characters to change, add or remove.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, from) in left.iter().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        let mut next = vec![before];
        for (to, above) in right.iter().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(from != to);
            before = changed.min(above + 1).min(before + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// In how many bits two perceptual hashes differ.
pub(super) fn picture_distance(left: u64, right: u64) -> u32 {
    (left ^ right).count_ones()
}
