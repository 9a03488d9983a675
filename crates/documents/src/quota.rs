//! How much one owner may keep.

/// The most that one owner may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Bytes in all.
    pub bytes: u64,
    /// Files.
    pub files: u64,
}

/// What one owner keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes in all.
    pub bytes: u64,
    /// Files.
    pub files: u64,
}

/// A share that is used up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{owner}` keeps {} bytes in {} files and may keep {} in {}: {size} bytes more do not fit; \
     remove what is not needed, or raise the quota",
    .used.bytes, .used.files, .quota.bytes, .quota.files
)]
pub struct QuotaExceeded {
    /// Whose share it is, as the caller names them.
    pub owner: String,
    /// What the owner keeps.
    pub used: Usage,
    /// The most the owner may keep.
    pub quota: Quota,
    /// The size of the file that does not fit.
    pub size: u64,
}

impl Quota {
    /// What the owner keeps with one more file of `size` bytes. The caller counts what its records name, so that the
    /// same content kept for two owners counts for both; it does so in the transaction that records the file.
    ///
    /// # Errors
    /// When that is more than the quota.
    pub fn with(&self, owner: &str, used: Usage, size: u64) -> Result<Usage, QuotaExceeded> {
        let next = Usage { bytes: used.bytes.saturating_add(size), files: used.files.saturating_add(1) };
        if next.bytes <= self.bytes && next.files <= self.files {
            return Ok(next);
        }
        Err(QuotaExceeded { owner: owner.to_owned(), used, quota: *self, size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_byte_and_the_last_file_fit_and_one_more_does_not() {
        let quota = Quota { bytes: 100, files: 3 };
        for (bytes, files, size, fits) in [
            (0, 0, 100, true),
            (0, 0, 101, false),
            (60, 2, 40, true),
            (60, 2, 41, false),
            (0, 3, 0, false),
            (100, 0, 0, true),
            (u64::MAX, 1, u64::MAX, false),
        ] {
            let used = Usage { bytes, files };
            let with = quota.with("partner/acme", used, size);
            assert_eq!(with.is_ok(), fits, "{used:?} and {size}");
            match with {
                Ok(next) => assert_eq!(next, Usage { bytes: bytes + size, files: files + 1 }),
                Err(error) => assert!(error.to_string().contains("`partner/acme`"), "{error}"),
            }
        }
    }
}
