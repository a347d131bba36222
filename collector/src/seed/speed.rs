//! How fast the demo's pages load and answer: phones slower than desks, pages with pictures
//! slower than text.

use store::event::{DeviceClass, Vitals};

use super::{pages::Kind, random::Random};

/// Views whose browser measures: not all of them do.
const MEASURED_RATIO: f64 = 0.72;
/// Measured views in which something was pressed, which is what `inp` needs.
const PRESSED_RATIO: f64 = 0.55;

/// The vitals of one page view. A generator of its own: the view's number decides, and nothing else
/// of the day changes with it.
pub(super) fn of(page_view: u64, kind: Kind, device: DeviceClass) -> Vitals {
    let random = &mut Random::new(page_view);
    if !random.chance(MEASURED_RATIO) {
        return Vitals::default();
    }
    let slower = if device == DeviceClass::Mobile { 1.55 } else { 1.0 };
    let heavier = match kind {
        Kind::Category | Kind::Product => 1.3,
        Kind::Home | Kind::Blog => 1.1,
        Kind::Article | Kind::Contacts | Kind::Service | Kind::Missing => 0.85,
        Kind::Cart | Kind::Checkout | Kind::Thanks => 1.0,
    };
    let ttfb = random.log_normal(190.0 * slower, 0.7);
    let fcp = ttfb + random.log_normal(480.0 * slower, 0.5);
    let lcp = fcp + random.log_normal(420.0 * slower * heavier, 0.8);
    // Most pages stand still; where pictures come late, some move.
    let cls = if random.chance(0.6) { 0.0 } else { random.log_normal(350.0 * heavier, 1.1) };
    let mut vitals = vec![("lcp", lcp), ("fcp", fcp), ("ttfb", ttfb), ("cls", cls.min(9_000.0))];
    if random.chance(PRESSED_RATIO) {
        vitals.push(("inp", random.log_normal(62.0 * slower, 0.75)));
    }
    Vitals::in_steps(vitals.into_iter().map(|(name, value)| (name, value.round() as u32)))
}
