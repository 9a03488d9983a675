//! By which names a cloud sells its own services, kept as data in `data/clouds.csv`.

use std::collections::BTreeSet;

use entente_core::commitment::{Cloud, eligibility::Channel};

const TABLE: &str = include_str!("../data/clouds.csv");

/// The names of clouds, in the light of the one that is wanted.
pub(crate) struct Clouds {
    entries: Vec<Entry>,
    /// What a column about publishers says outright: whether they are vendors on a marketplace or the cloud itself.
    told: Vec<(String, Channel)>,
    /// Whether the wanted cloud's exports may leave out who sold something.
    silent: bool,
}

struct Entry {
    /// Of the wanted cloud.
    wanted: bool,
    support: bool,
    begins: bool,
    text: String,
}

/// Whose a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The wanted cloud's.
    Wanted,
    /// Another cloud's.
    OtherCloud,
    /// No cloud's.
    Nobody,
}

/// The clouds whose bills can be read, by every name of their connectors.
pub fn known_clouds() -> BTreeSet<String> {
    TABLE.lines().skip(1).filter_map(parts).filter(|parts| parts[1] == "id").map(|parts| parts[3].to_owned()).collect()
}

impl Clouds {
    /// The table for a cloud, by the name of its connector. One that is not in it goes by that name alone.
    pub fn of(cloud: &Cloud) -> Clouds {
        let id = cloud.to_string().to_lowercase();
        let lines = || TABLE.lines().skip(1).filter_map(parts);
        let name = lines().find(|parts| parts[1] == "id" && parts[3] == id).map(|parts| parts[0]);
        let mut entries: Vec<Entry> = lines()
            .filter(|parts| matches!(parts[1], "name" | "support"))
            .map(|parts| Entry {
                wanted: Some(parts[0]) == name,
                support: parts[1] == "support",
                begins: parts[2] == "begins",
                text: parts[3].to_lowercase(),
            })
            .collect();
        if name.is_none() {
            entries.push(Entry { wanted: true, support: false, begins: true, text: id });
        }
        let channel = |what: &str| match what {
            "vendor" => Some(Channel::Marketplace),
            "itself" => Some(Channel::Cloud),
            _ => None,
        };
        let told = lines().filter_map(|parts| Some((parts[3].to_lowercase(), channel(parts[1])?))).collect();
        let silent = lines().any(|parts| Some(parts[0]) == name && parts[1] == "silent");
        Clouds { entries, told, silent }
    }

    /// Whether the wanted cloud's exports may leave out who sold something: that nobody is named says nothing then.
    pub fn leaves_seller_out(&self) -> bool {
        self.silent
    }

    /// What a word about the kind of publisher says, where it says anything.
    pub fn told(&self, kind: &str) -> Option<Channel> {
        let kind = kind.trim().to_lowercase();
        self.told.iter().find(|(word, _)| *word == kind).map(|(_, channel)| *channel)
    }

    /// Whose the name of a provider, publisher or issuer is.
    pub fn whose(&self, name: &str) -> Whose {
        let name = name.trim().to_lowercase();
        match self.entries.iter().filter(|entry| !entry.support).find(|entry| entry.fits(&name)) {
            Some(entry) if entry.wanted => Whose::Wanted,
            Some(_) => Whose::OtherCloud,
            None => Whose::Nobody,
        }
    }

    /// Whether a service of the wanted cloud is its support.
    pub fn is_support(&self, service: &str) -> bool {
        let service = service.trim().to_lowercase();
        self.entries.iter().any(|entry| entry.support && entry.wanted && entry.fits(&service))
    }
}

/// Whether a cloud's exports may leave out who sold something: such a charge is the cloud's own or from the marketplace.
pub fn may_leave_seller_out(cloud: &Cloud) -> bool {
    Clouds::of(cloud).leaves_seller_out()
}

impl Entry {
    fn fits(&self, name: &str) -> bool {
        if self.begins { name.starts_with(&self.text) } else { name == self.text }
    }
}

/// A line's four parts.
fn parts(line: &'static str) -> Option<[&'static str; 4]> {
    let mut parts = line.splitn(4, ',');
    Some([parts.next()?, parts.next()?, parts.next()?, parts.next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clouds(id: &str) -> Clouds {
        Clouds::of(&id.parse().unwrap())
    }

    #[test]
    fn every_line_of_the_table_has_four_parts_that_mean_something() {
        let lines: Vec<_> = TABLE.lines().skip(1).collect();
        assert!(lines.len() > 20);
        for line in lines {
            let [cloud, what, how, text] = parts(line).unwrap();
            assert!(
                ["id", "name", "support", "silent", "vendor", "itself"].contains(&what)
                    && ["is", "begins"].contains(&how),
                "{line}"
            );
            assert!(!cloud.is_empty() && !text.is_empty(), "{line}");
        }
    }

    #[test]
    fn legal_entities_of_a_cloud_are_the_cloud() {
        let aws = clouds("aws");
        for name in
            ["AWS", "Amazon Web Services, Inc.", "Amazon Web Services EMEA SARL", "amazon web services canada, inc."]
        {
            assert_eq!(aws.whose(name), Whose::Wanted, "{name}");
        }
        for name in ["Microsoft", "Oracle", "Google Cloud EMEA Limited"] {
            assert_eq!(aws.whose(name), Whose::OtherCloud, "{name}");
        }
        assert_eq!(aws.whose("Red Hat Inc."), Whose::Nobody);
        assert_eq!(clouds("azure").whose("Microsoft"), Whose::Wanted);
        assert_eq!(clouds("snowflake").whose("Snowflake Inc."), Whose::Wanted);
    }

    #[test]
    fn what_a_publisher_is_can_be_told_outright() {
        let microsoft = clouds("microsoft");
        for (word, told) in [
            ("Vendor", Some(Channel::Marketplace)),
            ("marketplace", Some(Channel::Marketplace)),
            ("Cloud Provider", Some(Channel::Cloud)),
            ("AZURE", Some(Channel::Cloud)),
            ("Partner", None),
        ] {
            assert_eq!(microsoft.told(word), told, "{word}");
        }
    }

    #[test]
    fn support_is_told_by_the_cloud_that_gives_it() {
        assert!(clouds("aws").is_support("AWS Support (Business)"));
        assert!(!clouds("google").is_support("AWS Support (Business)"));
        assert!(!clouds("aws").is_support("Amazon Simple Storage Service"));
    }
}
