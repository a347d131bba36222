//! Load: a few customers who view pages one after the other, and a list of every view
//! that was answered with 2xx.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::task::JoinHandle;

use crate::{Instance, http, instance::PATIENCE, wait};

/// Customers at once.
const CUSTOMERS: u64 = 8;

/// Views at most, should nobody close the shop. Their numbers are part of their paths,
/// and six digits would be scrubbed.
const VIEWS_MAX: u64 = 99_999;

/// A shop with customers in it.
pub struct Shop {
    open: Arc<AtomicBool>,
    log: Arc<Log>,
    customers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Log {
    next: AtomicU64,
    accepted: Mutex<BTreeSet<u64>>,
}

impl Shop {
    /// Lets the customers in.
    pub fn open(mostik: &Instance) -> Shop {
        let open = Arc::new(AtomicBool::new(true));
        let log = Arc::new(Log::default());
        let customers = (0..CUSTOMERS)
            .map(|customer| {
                let (open, log) = (open.clone(), log.clone());
                let (client, public) = (mostik.client.clone(), mostik.ready.public.clone());
                tokio::spawn(async move {
                    let address = format!("203.0.{customer}.1");
                    while open.load(Ordering::Relaxed) {
                        let id = log.next.fetch_add(1, Ordering::Relaxed) + 1;
                        if id > VIEWS_MAX {
                            return;
                        }
                        let view = http::pageview(&format!("/view/{id}"));
                        match http::send(&client, &public, &address, &view).await {
                            Ok(answer) if answer.status() == 202 => {
                                log.accepted.lock().expect("no customer panics").insert(id);
                            }
                            Ok(_) => {}
                            // Whether the view was stored stays open; the next waits at the door.
                            Err(_) => wait::for_listener(&public, PATIENCE).await,
                        }
                    }
                })
            })
            .collect();
        Shop { open, log, customers }
    }

    /// Views accepted so far.
    pub fn accepted(&self) -> usize {
        self.log.accepted.lock().expect("no customer panics").len()
    }

    /// Sends everybody home and gives the views that were answered with 2xx.
    pub async fn close(self) -> BTreeSet<u64> {
        self.open.store(false, Ordering::Relaxed);
        for customer in self.customers {
            customer.await.expect("no customer panics");
        }
        std::mem::take(&mut *self.log.accepted.lock().expect("no customer panics"))
    }
}
