//! An event read back from its RowBinary form: from the spool, or from ClickHouse.

use std::{borrow::Cow, sync::Arc};

use super::{DeviceClass, HotEvent, Kind, VisitAttributes, Vitals};

/// Properties of an event that are believed; many times what one can have. More means
/// that these bytes are no event.
const PROPS_MAX: usize = 1024;

impl HotEvent {
    /// Reads the event at the start of `bytes`, as [`HotEvent::encode`] writes it, and
    /// says how long it is. None: the bytes end within it, or are no event.
    pub fn decode(bytes: &[u8]) -> Option<(HotEvent, usize)> {
        let mut rest = Rest(bytes);
        let event = HotEvent {
            site_id: u32::from_le_bytes(rest.array()?),
            day: u16::from_le_bytes(rest.array()?),
            visitor: u64::from_le_bytes(rest.array()?),
            visit: u64::from_le_bytes(rest.array()?),
            ts: u32::from_le_bytes(rest.array()?),
            kind: kind(rest.byte()?)?,
            name: rest.text()?,
            host: rest.text()?,
            path: rest.text()?,
            attributes: Arc::new(VisitAttributes {
                source: rest.text()?,
                channel: Cow::Owned(rest.text()?),
                referrer: rest.text()?,
                utm_source: rest.text()?,
                utm_medium: rest.text()?,
                utm_campaign: rest.text()?,
                utm_content: rest.text()?,
                utm_term: rest.text()?,
                country: rest.array()?,
                browser: Cow::Owned(rest.text()?),
                os: Cow::Owned(rest.text()?),
                device: device(rest.byte()?)?,
            }),
            interactive: rest.byte()? != 0,
            props: rest.props()?,
            revenue_e4: i64::from_le_bytes(rest.array()?),
            currency: rest.text()?,
            engaged_ms: u32::from_le_bytes(rest.array()?),
            scroll: rest.byte()?,
            vitals: rest.vitals()?,
            page_view: u64::from_le_bytes(rest.array()?),
            event_id: u64::from_le_bytes(rest.array()?),
        };
        Some((event, bytes.len() - rest.0.len()))
    }
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(*head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    /// LEB128, of at most 32 bits.
    fn length(&mut self) -> Option<usize> {
        let mut length = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(length);
            }
        }
        None
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()?;
        let (text, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        String::from_utf8(text.to_vec()).ok()
    }

    fn props(&mut self) -> Option<Vec<(String, String)>> {
        let count = self.length().filter(|&count| count <= PROPS_MAX)?;
        (0..count).map(|_| Some((self.text()?, self.text()?))).collect()
    }

    fn vitals(&mut self) -> Option<Vitals> {
        let count = self.length().filter(|&count| count <= Vitals::NAMES.len())?;
        let one = |rest: &mut Self| {
            let name = rest.text()?;
            let known = Vitals::NAMES.into_iter().find(|known| *known == name)?;
            Some((known, u32::from_le_bytes(rest.array()?)))
        };
        (0..count).map(|_| one(self)).collect::<Option<_>>().map(Vitals)
    }
}

fn kind(code: u8) -> Option<Kind> {
    match code {
        1 => Some(Kind::Pageview),
        2 => Some(Kind::Custom),
        3 => Some(Kind::Engagement),
        _ => None,
    }
}

fn device(code: u8) -> Option<DeviceClass> {
    match code {
        0 => Some(DeviceClass::Unknown),
        1 => Some(DeviceClass::Desktop),
        2 => Some(DeviceClass::Mobile),
        3 => Some(DeviceClass::Tablet),
        4 => Some(DeviceClass::Tv),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn attributes()(
            texts in proptest::collection::vec(".{0,40}", 10),
            country in any::<[u8; 2]>(),
            device in 0_u8..5,
        ) -> VisitAttributes {
            let text = |place: usize| texts[place].clone();
            VisitAttributes {
                source: text(0),
                channel: Cow::Owned(text(1)),
                referrer: text(2),
                utm_source: text(3),
                utm_medium: text(4),
                utm_campaign: text(5),
                utm_content: text(6),
                utm_term: text(7),
                country,
                browser: Cow::Owned(text(8)),
                os: Cow::Owned(text(9)),
                device: super::device(device).expect("a class"),
            }
        }
    }

    prop_compose! {
        fn events()(
            attributes in attributes(),
            numbers in any::<(u32, u16, u64, u64, u32, i64, u32, u8, u64, u64)>(),
            kind in 1_u8..4,
            texts in proptest::collection::vec(".{0,200}", 4),
            props in proptest::collection::vec((".{0,9}", ".{0,99}"), 0..9),
            interactive in any::<bool>(),
            vitals in proptest::sample::subsequence(Vitals::NAMES.to_vec(), 0..=5),
        ) -> HotEvent {
            let (site_id, day, visitor, visit, ts, revenue_e4, engaged_ms, scroll, page_view, event_id) = numbers;
            let text = |place: usize| texts[place].clone();
            HotEvent {
                site_id, day, visitor, visit, ts, revenue_e4, engaged_ms, scroll, page_view, event_id,
                kind: super::kind(kind).expect("a kind"),
                name: text(0),
                host: text(1),
                path: text(2),
                currency: text(3),
                attributes: Arc::new(attributes),
                interactive,
                props,
                vitals: Vitals(vitals.into_iter().map(|name| (name, ts)).collect()),
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_back(event in events(), after in proptest::collection::vec(any::<u8>(), 0..20)) {
            let mut bytes = Vec::new();
            event.encode(&mut bytes);
            let length = bytes.len();
            bytes.extend(after);
            prop_assert_eq!(HotEvent::decode(&bytes), Some((event, length)));
        }

        #[test]
        fn an_event_cut_short_is_none(event in events(), cut in any::<prop::sample::Index>()) {
            let mut bytes = Vec::new();
            event.encode(&mut bytes);
            prop_assert_eq!(HotEvent::decode(&bytes[..cut.index(bytes.len())]), None);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = HotEvent::decode(&bytes);
        }
    }
}
