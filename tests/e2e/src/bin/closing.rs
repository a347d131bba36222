//! Closes what is due at a given time and ends, so that a test can kill a real process at
//! every step of it.
//!
//!     closing SOCKET SPOOL TIME

use std::{path::Path, sync::Arc};

use anyhow::Context;
use arc_swap::ArcSwap;
use collector::{
    clock::Clock,
    close::{Closer, SLICE_ROWS_MAX},
    erase::Erasures,
    spool::{Directory, Spool},
};
use e2e::golden;
use store::{Address, Store};

// One thread: the system calls come in the same order each time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what| arguments.next().with_context(|| format!("which {what}?"));
    let (socket, folder, time) = (next("socket")?, next("spool")?, next("time")?);
    let spool = Spool::start(Arc::new(Directory::open(Path::new(&folder))?), 1, 1 << 30, Clock::system())?;
    let closer = Closer {
        store: Store::new(&Address::socket(Path::new(&socket))),
        sites: Arc::new(ArcSwap::from_pointee(golden::sites())),
        spool: spool.state().clone(),
        clock: Clock::system(),
        erasures: Arc::new(Erasures::open(Path::new(&folder))?),
        shipping: Arc::default(),
        slice_rows_max: SLICE_ROWS_MAX,
    };
    closer.close_due(time.parse()?).await?;
    spool.close();
    Ok(())
}
