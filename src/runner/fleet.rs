//! How the processes of one database share its shards: each its part, by nothing but the leases that all can read.

use std::collections::BTreeSet;

use entente_core::ids::{ProcessId, Shard};
use entente_store::{Lease, LeaseKey};

use super::leases::shard_of;

/// How many shards there are.
const SHARDS: usize = 256;

const MEMBER: &str = "process/";

/// A process that takes part, as its lease says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The process.
    pub process: ProcessId,
    /// The version of its binary.
    pub version: String,
}

impl Member {
    /// The lease by which a process says that it is there.
    pub fn key(&self) -> LeaseKey {
        LeaseKey(format!("{MEMBER}{}@{}", self.process, self.version))
    }

    /// Reads such a lease; `None` for leases of anything else.
    fn of(lease: &Lease) -> Option<Member> {
        let (_, version) = lease.key.0.strip_prefix(MEMBER)?.rsplit_once('@')?;
        Some(Member { process: lease.owner.clone(), version: version.to_owned() })
    }
}

/// Whether a lease says that a process is there.
pub fn is_membership(key: &LeaseKey) -> bool {
    key.0.starts_with(MEMBER)
}

/// Those who are there now, in order.
pub fn members(leases: &[Lease]) -> Vec<Member> {
    let alive: BTreeSet<Member> =
        leases.iter().filter(|lease| !lease.remaining.is_zero()).filter_map(Member::of).collect();
    alive.into_iter().collect()
}

/// What a process remembers between two looks at the leases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// Shards with runs that only other binaries can drive.
    pub unfit: BTreeSet<Shard>,
    /// Shards taken beyond its part, because nobody else did.
    pub adopted: BTreeSet<Shard>,
    /// Shards that nobody held at the last look.
    pub free: BTreeSet<Shard>,
}

/// What a process should take and give, seeing all leases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Shards to take: nobody holds them.
    pub take: Vec<Shard>,
    /// Shards to give back, for others.
    pub give: Vec<Shard>,
}

/// The plan of `me`. Shards in `unfit` hold runs that only other binaries can drive; they are left to members of another
/// version for as long as there is one. Such a member takes what stays free beyond its part, and gives others for it.
pub fn plan(me: &Member, leases: &[Lease], memory: &mut Memory) -> Plan {
    let members = members(leases);
    let others = members.iter().filter(|member| member.process != me.process);
    let before = others.clone().filter(|other| *other < me).count();
    let quota = quota(before, others.clone().count() + 1);
    let mixed = others.clone().any(|other| other.version != me.version);
    if !mixed {
        memory.adopted.clear();
    }
    let fit = |shard: &Shard| !(mixed && memory.unfit.contains(shard));
    let (mut mine, mut free) = (Vec::new(), Vec::new());
    for (shard, holder) in (0..=u8::MAX).map(Shard).zip(holders(leases)) {
        match holder {
            Some(holder) if *holder == me.process => mine.push(shard),
            Some(_) => {}
            None => free.push(shard),
        }
    }
    let (mut keep, mut give): (Vec<Shard>, Vec<Shard>) = mine.into_iter().partition(fit);
    keep.sort_by_key(|shard| (!memory.adopted.contains(shard), *shard));
    if keep.len() > quota {
        give.extend(keep.split_off(quota));
    }
    let free_before = std::mem::replace(&mut memory.free, free.iter().copied().collect());
    free.retain(fit);
    let orphans: Vec<Shard> = free.iter().copied().filter(|shard| mixed && free_before.contains(shard)).collect();
    // Processes that start together begin at different places, so that they seldom ask for the same shard.
    let start = free.len() * before / (members.len().max(before) + 1);
    free.rotate_left(start);
    free.truncate(quota.saturating_sub(keep.len()));
    if free.is_empty() {
        memory.adopted.extend(&orphans);
        free = orphans;
    }
    Plan { take: free, give }
}

/// Who holds each shard now, in their order.
fn holders(leases: &[Lease]) -> [Option<&ProcessId>; SHARDS] {
    let mut holders = [None; SHARDS];
    for lease in leases.iter().filter(|lease| !lease.remaining.is_zero()) {
        let place = shard_of(&lease.key).and_then(|shard| holders.get_mut(usize::from(shard.0)));
        if let Some(place) = place {
            *place = Some(&lease.owner);
        }
    }
    holders
}

/// The part of the member at this place among so many.
fn quota(place: usize, members: usize) -> usize {
    SHARDS / members + usize::from(place < SHARDS % members)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use entente_core::ids::Fence;

    use super::*;

    fn member(name: &str, version: &str) -> Member {
        Member { process: name.parse().unwrap(), version: version.into() }
    }

    fn lease(key: LeaseKey, owner: &Member, seconds: u64) -> Lease {
        Lease { key, owner: owner.process.clone(), fence: Fence(1), remaining: Duration::from_secs(seconds) }
    }

    /// Carries out the plans of all members until none wants anything, as the leases would; returns how many rounds it took.
    fn settle(members: &[Member], leases: &mut Vec<Lease>, unfit: &[(usize, Shard)]) -> usize {
        let mut memories = vec![Memory::default(); members.len()];
        for round in 0..8 {
            let mut quiet = true;
            for (at, me) in members.iter().enumerate() {
                let mine = unfit.iter().filter(|(who, _)| *who == at).map(|(_, shard)| *shard);
                memories[at].unfit.extend(mine);
                let plan = plan(me, leases, &mut memories[at]);
                quiet &= plan == Plan::default();
                leases.retain(|lease| !plan.give.iter().any(|shard| lease.key == LeaseKey::shard(*shard)));
                leases.extend(plan.take.iter().map(|shard| lease(LeaseKey::shard(*shard), me, 9)));
            }
            if quiet {
                return round;
            }
        }
        panic!("it never settles");
    }

    fn held(leases: &[Lease], owner: &Member) -> usize {
        leases.iter().filter(|lease| lease.key.0.starts_with("shard/") && lease.owner == owner.process).count()
    }

    #[test]
    fn one_process_takes_all() {
        let me = member("a", "1");
        assert_eq!(plan(&me, &[], &mut Memory::default()).take.len(), SHARDS);
    }

    #[test]
    fn every_number_of_processes_comes_to_equal_parts_and_nothing_moves_after() {
        for count in 1..=9 {
            let all: Vec<Member> = (0..count).map(|n| member(&format!("p{n}"), "1")).collect();
            // The first was there alone and holds everything.
            let mut leases: Vec<Lease> =
                (0..=u8::MAX).map(|shard| lease(LeaseKey::shard(Shard(shard)), &all[0], 9)).collect();
            leases.extend(all.iter().map(|member| lease(member.key(), member, 9)));
            assert!(settle(&all, &mut leases, &[]) <= 3);
            let parts: Vec<usize> = all.iter().map(|member| held(&leases, member)).collect();
            assert_eq!(parts.iter().sum::<usize>(), SHARDS, "{parts:?}");
            assert!(parts.iter().max().unwrap() - parts.iter().min().unwrap() <= 1, "{parts:?}");
        }
    }

    #[test]
    fn the_part_of_a_process_that_died_goes_to_the_others() {
        let (a, b) = (member("a", "1"), member("b", "1"));
        let mut leases: Vec<Lease> = (0..=u8::MAX)
            .map(|shard| lease(LeaseKey::shard(Shard(shard)), if shard < 128 { &a } else { &b }, 9))
            .collect();
        leases.extend([lease(a.key(), &a, 9), lease(b.key(), &b, 0)]);
        leases.iter_mut().filter(|lease| lease.owner == b.process).for_each(|lease| lease.remaining = Duration::ZERO);
        settle(std::slice::from_ref(&a), &mut leases, &[]);
        assert_eq!(plan(&a, &leases, &mut Memory::default()), Plan::default());
        assert_eq!(held(&leases, &a), SHARDS);
    }

    #[test]
    fn a_shard_that_needs_another_binary_goes_to_one_and_stays_where_there_is_none() {
        let (old, new) = (member("a", "1"), member("b", "2"));
        let both = [old.clone(), new.clone()];
        let mut leases = both.iter().map(|member| lease(member.key(), member, 9)).collect();
        settle(&both, &mut leases, &[]);
        let old_ones: Vec<(usize, Shard)> = leases
            .iter()
            .filter(|lease| lease.owner == old.process)
            .filter_map(|lease| Some((0, Shard(lease.key.0.strip_prefix("shard/")?.parse().ok()?))))
            .collect();
        let unfit = [old_ones[3], old_ones[100]];
        settle(&both, &mut leases, &unfit);
        let owner = |leases: &[Lease], shard| {
            leases.iter().find(|lease| lease.key == LeaseKey::shard(Shard(shard))).unwrap().owner.clone()
        };
        for (_, Shard(shard)) in unfit {
            assert_eq!(owner(&leases, shard), new.process);
        }
        assert_eq!(held(&leases, &old), 128);

        let mut alone = vec![lease(old.key(), &old, 9)];
        settle(std::slice::from_ref(&old), &mut alone, &unfit);
        assert_eq!(held(&alone, &old), SHARDS, "its other runs go on");
    }

    #[test]
    fn a_member_is_read_back_from_its_lease() {
        let me = member("host-1-00ff", "0.1.0");
        assert_eq!(members(&[lease(me.key(), &me, 9), lease(LeaseKey::shard(Shard(1)), &me, 9)]), [me]);
    }
}
