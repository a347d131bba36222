//! The shape of an event of an open day, and its RowBinary form.
//!
//! An event is encoded once, when it is accepted; the spool holds these bytes and
//! the INSERT body is made of them, so a retry sends the same bytes. The batch and
//! the position in it are known only to the spool, which appends them.

mod decode;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Columns of `events_hot` in the order of [`HotEvent::encode`], then `seq` and
/// `batch`. A segment carries its own copy, so it ships after a schema change.
pub const COLUMNS: &str = "site_id, day, visitor, visit, ts, kind, name, host, path, source, channel, \
    referrer, utm_source, utm_medium, utm_campaign, utm_content, utm_term, country, browser, os, device, \
    interactive, props, revenue, currency, engaged_ms, scroll, vitals, page_view, event_id, seq, batch";

/// What happened. The numbers are those of the table's `Enum8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Pageview = 1,
    Custom = 2,
    Engagement = 3,
}

/// The device class. The numbers are those of the table's `Enum8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeviceClass {
    Unknown = 0,
    Desktop = 1,
    Mobile = 2,
    Tablet = 3,
    Tv = 4,
}

/// Days since 1970-01-01 of a site-local date.
pub type DayNumber = u16;

/// What a visit's first event decides and every later event of it repeats.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VisitAttributes {
    pub source: String,
    pub channel: Cow<'static, str>,
    /// Host only.
    pub referrer: String,
    pub utm_source: String,
    pub utm_medium: String,
    pub utm_campaign: String,
    pub utm_content: String,
    pub utm_term: String,
    /// ISO 3166-1 alpha-2, `ZZ` unknown.
    pub country: [u8; 2],
    pub browser: Cow<'static, str>,
    pub os: Cow<'static, str>,
    pub device: DeviceClass,
}

/// Web vitals of a page view, by name; what was not measured is absent. Milliseconds, and
/// `cls` in ten-thousandths, both in steps as they were told ([`Vitals::in_steps`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vitals(pub Vec<(&'static str, u32)>);

impl Vitals {
    /// Every name there is.
    pub const NAMES: [&str; 5] = ["lcp", "fcp", "ttfb", "inp", "cls"];

    /// Every name's step: a single millisecond tells a device from others and says nothing of
    /// a page. All limits of web.dev are whole steps.
    const STEPS: [(&str, u32); 5] = [("lcp", 50), ("fcp", 50), ("ttfb", 20), ("inp", 10), ("cls", 50)];

    /// What was measured, in steps. Up to the next: what is above a limit stays above it, what
    /// is not stays below.
    pub fn in_steps(measured: impl IntoIterator<Item = (&'static str, u32)>) -> Vitals {
        let step =
            |name| Self::STEPS.into_iter().find(|&(known, _)| known == name).map_or(1, |(_, step)| step);
        Vitals(
            measured.into_iter().map(|(name, figure)| (name, figure.next_multiple_of(step(name)))).collect(),
        )
    }
}

/// Engaged time is kept to the nearest tenth of a second, in milliseconds: what is finer tells page
/// views apart and no report shows it.
const ENGAGED_STEP_MS: u32 = 100;

/// Milliseconds of engaged time as they are kept.
pub fn engaged_in_steps(ms: u32) -> u32 {
    ms.saturating_add(ENGAGED_STEP_MS / 2) / ENGAGED_STEP_MS * ENGAGED_STEP_MS
}

/// One event of an open day: no address, no user agent, nothing they could be
/// made from once the day's key is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct HotEvent {
    pub site_id: u32,
    pub day: DayNumber,
    pub visitor: u64,
    pub visit: u64,
    /// Seconds since 1970-01-01 UTC.
    pub ts: u32,
    pub kind: Kind,
    /// Empty for a page view.
    pub name: String,
    pub host: String,
    pub path: String,
    pub attributes: std::sync::Arc<VisitAttributes>,
    /// False only for a custom event sent with `i: false`.
    pub interactive: bool,
    pub props: Vec<(String, String)>,
    /// In ten-thousandths of the currency's unit.
    pub revenue_e4: i64,
    pub currency: String,
    /// Engagement only: cumulative for `page_view`, in steps ([`engaged_in_steps`]).
    pub engaged_ms: u32,
    /// Percent, 0-100.
    pub scroll: u8,
    /// Engagement only: the page view's latest figures.
    pub vitals: Vitals,
    pub page_view: u64,
    pub event_id: u64,
}

impl HotEvent {
    /// Appends the RowBinary form, without `seq` and `batch`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let visit = &*self.attributes;
        out.extend_from_slice(&self.site_id.to_le_bytes());
        out.extend_from_slice(&self.day.to_le_bytes());
        out.extend_from_slice(&self.visitor.to_le_bytes());
        out.extend_from_slice(&self.visit.to_le_bytes());
        out.extend_from_slice(&self.ts.to_le_bytes());
        out.push(self.kind as u8);
        for text in [
            self.name.as_str(),
            &self.host,
            &self.path,
            &visit.source,
            &visit.channel,
            &visit.referrer,
            &visit.utm_source,
            &visit.utm_medium,
            &visit.utm_campaign,
            &visit.utm_content,
            &visit.utm_term,
        ] {
            put_text(out, text);
        }
        out.extend_from_slice(&visit.country);
        put_text(out, &visit.browser);
        put_text(out, &visit.os);
        out.push(visit.device as u8);
        out.push(u8::from(self.interactive));
        put_length(out, self.props.len());
        for (key, value) in &self.props {
            put_text(out, key);
            put_text(out, value);
        }
        out.extend_from_slice(&self.revenue_e4.to_le_bytes());
        put_text(out, &self.currency);
        out.extend_from_slice(&self.engaged_ms.to_le_bytes());
        out.push(self.scroll);
        put_length(out, self.vitals.0.len());
        for &(name, value) in &self.vitals.0 {
            put_text(out, name);
            out.extend_from_slice(&value.to_le_bytes());
        }
        out.extend_from_slice(&self.page_view.to_le_bytes());
        out.extend_from_slice(&self.event_id.to_le_bytes());
    }
}

/// RowBinary's string: length, then bytes.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// RowBinary's length: LEB128.
pub fn put_length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_leb128() {
        let bytes = |length| {
            let mut out = Vec::new();
            put_length(&mut out, length);
            out
        };
        assert_eq!(bytes(0), [0]);
        assert_eq!(bytes(127), [127]);
        assert_eq!(bytes(128), [0x80, 1]);
        assert_eq!(bytes(300), [0xac, 2]);
    }
}
