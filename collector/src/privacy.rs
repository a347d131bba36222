//! Where a sender ends: address and user agent come in, a coarse class and a
//! number that is good for a day go out. Nothing here logs, waits or stores.

#[cfg(test)]
mod attacks;
pub mod dump;
#[cfg(test)]
mod figures;
pub mod identity;
pub mod keys;
pub mod network;
pub mod probe;
pub mod scrub;
pub mod sender;
pub mod vault;

pub use identity::Precision;
pub use keys::{KeyName, KeyRing, NoKey};
pub use network::{ClientIp, is_local};
pub use sender::{IsBot, NetworkNames, Reduced, Sender};
pub use vault::Vault;
