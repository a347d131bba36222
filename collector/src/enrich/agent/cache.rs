//! Verdicts of agents met lately, in a table of fixed size.
//!
//! An agent is known here only by SipHash under a random key of this process: who
//! reads this memory without the key learns no agent, and the text itself is
//! nowhere. No lock: a slot is two words, the second stored together with the first
//! by XOR, so that a pair torn by two writers fits no name and reads as a miss.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use store::event::DeviceClass;

use super::{
    Agent, Verdict,
    crawlers::BotClass,
    family::{Browser, Os},
};

/// A busy site meets a few thousand different agents a day; 64 KiB hold them.
const SLOTS: usize = 4096;

const BOT_BIT: u64 = 1 << 63;

#[derive(Default)]
struct Slot {
    name_and_verdict: AtomicU64,
    verdict: AtomicU64,
}

pub(super) struct Cache {
    key: RandomState,
    slots: Box<[Slot]>,
}

impl Cache {
    pub(super) fn new() -> Cache {
        Cache { key: RandomState::new(), slots: (0..SLOTS).map(|_| Slot::default()).collect() }
    }

    /// The number an agent goes by here; never 0, which is an empty slot's.
    pub(super) fn name(&self, user_agent: &str) -> u64 {
        self.key.hash_one(user_agent).max(1)
    }

    pub(super) fn get(&self, name: u64) -> Option<Verdict> {
        let slot = self.slot(name)?;
        let verdict = slot.verdict.load(Ordering::Relaxed);
        if slot.name_and_verdict.load(Ordering::Relaxed) ^ verdict == name { unpack(verdict) } else { None }
    }

    pub(super) fn put(&self, name: u64, verdict: Verdict) {
        if let Some(slot) = self.slot(name) {
            let verdict = pack(verdict);
            slot.verdict.store(verdict, Ordering::Relaxed);
            slot.name_and_verdict.store(name ^ verdict, Ordering::Relaxed);
        }
    }

    fn slot(&self, name: u64) -> Option<&Slot> {
        self.slots.get(name as usize % SLOTS)
    }
}

fn pack(verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Bot(class) => BOT_BIT | class as u64,
        Verdict::Human(agent) => {
            u64::from(agent.browser_major)
                | u64::from(agent.browser.code()) << 16
                | u64::from(agent.os.code()) << 24
                | (agent.device as u64) << 32
        }
    }
}

fn unpack(word: u64) -> Option<Verdict> {
    let byte = |shift: u32| (word >> shift) as u8;
    if word & BOT_BIT != 0 {
        return BotClass::from_code(byte(0)).map(Verdict::Bot);
    }
    let device = match byte(32) {
        0 => DeviceClass::Unknown,
        1 => DeviceClass::Desktop,
        2 => DeviceClass::Mobile,
        3 => DeviceClass::Tablet,
        4 => DeviceClass::Tv,
        _ => return None,
    };
    Some(Verdict::Human(Agent {
        browser: Browser::from_code(byte(16))?,
        browser_major: word as u16,
        os: Os::from_code(byte(24))?,
        device,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_survives_the_table() {
        let cache = Cache::new();
        for &browser in Browser::ALL {
            for &os in Os::ALL {
                let agent = Agent { browser, browser_major: 65_535, os, device: DeviceClass::Tv };
                cache.put(7, Verdict::Human(agent));
                assert_eq!(cache.get(7), Some(Verdict::Human(agent)));
            }
        }
        for &class in BotClass::ALL {
            cache.put(8, Verdict::Bot(class));
            assert_eq!(cache.get(8), Some(Verdict::Bot(class)));
        }
    }

    #[test]
    fn a_neighbour_of_the_same_slot_is_not_taken_for_another() {
        let cache = Cache::new();
        cache.put(7, Verdict::Bot(BotClass::Ai));
        assert_eq!(cache.get(7 + SLOTS as u64), None);
        cache.put(7 + SLOTS as u64, Verdict::Bot(BotClass::Seo));
        assert_eq!(cache.get(7), None);
    }

    #[test]
    fn two_processes_would_name_an_agent_differently() {
        assert_ne!(Cache::new().name("Mozilla/5.0"), Cache::new().name("Mozilla/5.0"));
    }
}
