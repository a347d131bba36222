//! Load: a few customers who view pages one after the other, and a list of every view
//! that was answered with 2xx.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{sync::Semaphore, task::JoinHandle};

use crate::{Instance, http, instance::PATIENCE, wait};

/// Customers at once.
const CUSTOMERS: u64 = 8;

/// A view's number is written in two parts of its path below this: six digits in a row
/// would be scrubbed.
pub const PART: u64 = 10_000;

/// A shop with customers in it.
pub struct Shop {
    log: Arc<Log>,
    customers: Vec<JoinHandle<()>>,
}

struct Log {
    /// Views that may still be made: the load is bounded by who asks for it.
    allowed: Semaphore,
    next: AtomicU64,
    accepted: Mutex<BTreeSet<u64>>,
}

impl Shop {
    /// Lets the customers in; they wait until views are allowed.
    pub fn open(mostik: &Instance) -> Shop {
        let log =
            Arc::new(Log { allowed: Semaphore::new(0), next: AtomicU64::new(0), accepted: Mutex::default() });
        let customers = (0..CUSTOMERS)
            .map(|customer| {
                let customer = Customer {
                    log: log.clone(),
                    client: mostik.client.clone(),
                    public: mostik.ready.public.clone(),
                    address: format!("203.0.{customer}.1"),
                };
                tokio::spawn(customer.look_around())
            })
            .collect();
        Shop { log, customers }
    }

    /// Allows so many more views.
    pub fn allow(&self, views: usize) {
        self.log.allowed.add_permits(views);
    }

    /// Views accepted so far.
    pub fn accepted(&self) -> usize {
        self.log.accepted.lock().expect("no customer panics").len()
    }

    /// Sends everybody home and gives the views that were answered with 2xx.
    pub async fn close(self) -> BTreeSet<u64> {
        self.log.allowed.close();
        for customer in self.customers {
            customer.await.expect("no customer panics");
        }
        std::mem::take(&mut *self.log.accepted.lock().expect("no customer panics"))
    }
}

struct Customer {
    log: Arc<Log>,
    client: reqwest::Client,
    public: String,
    address: String,
}

impl Customer {
    async fn look_around(self) {
        while let Ok(permit) = self.log.allowed.acquire().await {
            permit.forget();
            let id = self.log.next.fetch_add(1, Ordering::Relaxed) + 1;
            let view = http::pageview(&format!("/view/{}/{}", id / PART, id % PART));
            match http::send(&self.client, &self.public, &self.address, &view).await {
                Ok(answer) if answer.status() == 202 => {
                    self.log.accepted.lock().expect("no customer panics").insert(id);
                }
                Ok(_) => {}
                // Whether the view was stored stays open; the next waits at the door.
                Err(_) => wait::for_listener(&self.public, PATIENCE).await,
            }
        }
    }
}
