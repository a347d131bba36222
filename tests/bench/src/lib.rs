//! What the benches share. Each prints the machine, its figures, and a ratio or a
//! figure per unit as its last line; docs/performance.md says how to read them.
//!
//! All traffic goes to 127.0.0.1 and ends by itself.

pub mod cores;
pub mod load;
pub mod mostik;
pub mod process;
