//! Wires the stages to sockets and tasks, and takes them down in order.

use std::{future::Future, io::Write, os::fd::OwnedFd, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use store::Store;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Mutex, watch},
    task::JoinHandle,
};
use tracing::{info, warn};

use crate::{
    accept::Acceptor,
    balance::{Auditor, Imbalance},
    bridge::{
        self, Bridge,
        forwarder::{Forwarder, report::Reporter},
    },
    clock::{self, Clock},
    close::{Closer, SLICE_ROWS_MAX},
    config::Config,
    dashboard::Dashboard,
    enrich::{agent::Agents, geo::Geo, guard::Guard, source::Sources},
    erase::{Eraser, Erasure, Erasures, Receipts, Removals},
    forget::Forgetter,
    interruption::Heartbeat,
    ledger::Ledger,
    metrics::Metrics,
    objection::Objections,
    privacy::{
        KeyRing, Vault, dump,
        vault::{KEYS_MAX, VaultError},
    },
    rate::RateLimits,
    request::Reader,
    retain::Retainer,
    serve::{
        self, Limits, Public,
        assets::Assets,
        me::{Pace, SelfService},
        ops::Ops,
        visitor::{Visitor, notice::Facts},
    },
    settings::Settings,
    settle::Settler,
    ship::Shipper,
    spool::{Directory, Spool, writer::Weight},
    visit::{LIVE_VISITS_MAX, Visits, restore::Restorer},
};

/// How often counted refusals are handed to the spool.
const LEDGER_EVERY: Duration = Duration::from_secs(1);

/// How long the schema is waited for before each new attempt.
const MIGRATE_EVERY: Duration = Duration::from_secs(1);

/// How long a stop waits for the last segments to reach ClickHouse. They are safe
/// in the spool either way.
const FLUSH_MAX: Duration = Duration::from_secs(5);

/// How long a stop waits for requests to Metrika that are under way.
const FORWARDING_MAX: Duration = Duration::from_secs(4);

/// Connections of the local side: an operator and a scraper.
const OPS_CONNECTIONS_MAX: usize = 16;

/// Runs the collector until SIGTERM or SIGINT. Writes one line of JSON with its
/// addresses to standard output when it listens.
///
/// `keys`: the table of keys that the launcher holds, if it does.
pub async fn run(config: Config, keys: Option<OwnedFd>) -> anyhow::Result<()> {
    // Before anything that must not be in a core file.
    dump::refuse().context("cannot forbid core dumps, which would hold the day's keys")?;
    // The one TLS stack; a second call finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = Clock::system();
    let settings =
        Settings::open(&config.around.snapshot, &config.around.settings_url, &config.around.settings_secret)?;
    let geo = config.geo_file.as_deref().map_or(Ok(Geo::none()), Geo::open)?;
    let directory = Arc::new(Directory::open(&config.around.spool)?);
    let spool = Spool::start(directory.clone(), config.node, config.spool_bytes_max, clock.clone())
        .context("cannot start the spool")?;
    let spool_state = spool.state().clone();
    let store = Store::new(&config.around.clickhouse);
    let metrics = Arc::new(Metrics::default());
    let ledger = Arc::new(Ledger::default());
    let visits = Arc::new(Visits::new(LIVE_VISITS_MAX));
    let guard = Arc::new(Guard::default());
    let erasures = Arc::new(Erasures::open(&config.around.spool)?);
    let removals =
        Removals::open(&config.around.spool).context("cannot read which sites are being erased")?;
    let receipts =
        Arc::new(Receipts::open(&config.around.receipts).context("cannot read the receipts of deletions")?);
    let vault = Arc::new(vault(config.key_dir.as_deref(), keys)?);
    let keys = Arc::new(KeyRing::new(vault.clone(), clock.now().as_second()));
    let objections = Arc::new(Objections::new(vault));
    let sites = settings.sites.clone();
    let (bridge, withdrawals) = Bridge::new(settings.switches.clone(), clock.now());
    let bridge = Arc::new(bridge);

    let restorer =
        Restorer { visits: &visits, keys: &keys, sites: sites.load_full(), now: clock::seconds(clock.now()) };
    tokio::join!(
        restorer.restore(&store, &directory, |event| bridge::remember::event(&bridge, event, &clock)),
        bridge::remember::visits(&bridge, &store, &clock)
    );
    // What is about to be erased begins anew, whatever the tables still say.
    for erasure in erasures.all().into_iter().filter(Erasure::is_pending) {
        visits.end(erasure.group);
    }
    let facts = Facts::of(&config);

    let public_listener = serve::bind("visitors", config.listen).await?;
    let ops_listener = serve::bind("/live, /ready and /metrics", config.ops_listen).await?;
    let (public_address, ops_address) = (public_listener.local_addr()?, ops_listener.local_addr()?);

    let public = Arc::new(Public {
        acceptor: Acceptor {
            reader: Reader {
                proxies: config.proxies,
                address_header: config.address_header,
                server_token: config.server_token,
            },
            sites: sites.clone(),
            agents: Agents::new(),
            geo,
            sources: Sources::new(),
            precision: config.precision,
            profile: config.profile,
            rates: RateLimits::new(config.rates),
            keys: keys.clone(),
            visits: visits.clone(),
            objections: objections.clone(),
            guard: guard.clone(),
            spool,
            bridge: bridge.clone(),
            ledger: ledger.clone(),
            metrics: metrics.clone(),
            clock: clock.clone(),
        },
        assets: Assets::new(config.demo),
        me: SelfService {
            erasures: erasures.clone(),
            directory: directory.clone(),
            node: config.node,
            store: store.clone(),
            pace: Pace::default(),
        },
        visitor: Visitor {
            facts,
            precision: config.precision,
            knows_countries: config.geo_file.is_some(),
            contact: config.contact,
            switches: settings.switches.clone(),
            sites: sites.clone(),
            clock: clock.clone(),
        },
    });
    let imbalance = Arc::new(Imbalance::default());
    let ops = Arc::new(Ops {
        metrics: metrics.clone(),
        sites: sites.clone(),
        visits: visits.clone(),
        keys: keys.clone(),
        spool: spool_state.clone(),
        store: store.clone(),
        erasures: erasures.clone(),
        imbalance: imbalance.clone(),
    });
    let shipping_alone = Arc::new(Mutex::new(()));
    let shipper = Arc::new(Shipper {
        store: store.clone(),
        directory: directory.clone(),
        spool: spool_state.clone(),
        budget: public.acceptor.spool.budget().clone(),
        node: config.node,
        metrics: metrics.clone(),
        erasures: erasures.clone(),
        clock: clock.clone(),
        shipping: shipping_alone.clone(),
    });
    let auditor = Auditor { store: store.clone(), imbalance, shipping: shipping_alone.clone() };
    let settler = Settler {
        store: store.clone(),
        spool: spool_state.clone(),
        node: config.node,
        shipping: shipping_alone.clone(),
        clock: clock.clone(),
    };
    let retainer = Retainer {
        store: store.clone(),
        months: config.retention_months,
        receipts: receipts.clone(),
        backup_keys: config.around.backup_keys.clone(),
        clock: clock.clone(),
    };
    let eraser = Arc::new(Eraser {
        store: store.clone(),
        directory: directory.clone(),
        erasures: erasures.clone(),
        receipts,
        sites: sites.clone(),
        metrics,
        clock: clock.clone(),
        shipping: shipping_alone.clone(),
        removals,
    });
    let dashboard = Dashboard::new(&config.around.settings_url, &config.around.settings_secret)
        .context("cannot make a client for reports")?;
    let heartbeat = Heartbeat::start(&config.around.spool, sites.clone(), keys.clone(), clock.clone());
    let forwarder = Forwarder {
        outbox: config.around.outbox.clone(),
        metrika_url: config.metrika_url.clone(),
        metrika_api_url: config.metrika_api_url.clone(),
        bridge,
        withdrawals,
        directory: directory.clone(),
        spool: spool_state.clone(),
        clock: clock.clone(),
        reporter: Reporter::new(dashboard.clone(), config.node),
    };
    let forgetter = Forgetter { sites: sites.clone(), keys, visits, objections, guard, clock: clock.clone() };
    let closer = Closer {
        store: store.clone(),
        sites,
        spool: spool_state,
        clock,
        erasures,
        shipping: shipping_alone,
        slice_rows_max: SLICE_ROWS_MAX,
    };

    // Before anybody can know that we run: a stop after that must be an orderly one.
    let told_to_stop = stop_signal()?;
    // Two signals, since the shipper outlives the doors.
    let (stop, stopping) = watch::channel(false);
    let (stop_shipping, shipping) = watch::channel(false);
    let forwarding = forwarder.start(stopping.clone()).context("cannot start the bridge's thread")?;
    let following = tokio::spawn(settings.follow(stopping.clone()));
    // Not behind the schema: keys die on time while ClickHouse is away.
    let forgetting = tokio::spawn(forgetter.run(stopping.clone()));
    // Nor is the spool's part of an erasure.
    let erasing = tokio::spawn(eraser.run(stopping.clone()));
    let beating = tokio::spawn(heartbeat.run(dashboard, config.node, stopping.clone()));
    let counting = tokio::spawn(flush_ledger(public.clone(), stopping.clone()));
    let storing = tokio::spawn({
        let (shipper, stopping) = (shipper.clone(), stopping.clone());
        async move {
            if migrate(&store, stopping.clone()).await {
                let retaining = retainer.run(stopping.clone());
                let auditing = auditor.run(stopping.clone());
                let settling = settler.run(stopping.clone());
                tokio::join!(shipper.run(shipping), closer.run(stopping), retaining, auditing, settling);
            }
        }
    });
    let serving_ops = tokio::spawn(serve::serve(
        ops_listener,
        Limits { connections_max: OPS_CONNECTIONS_MAX },
        stopping.clone(),
        move |_, request| {
            let ops = ops.clone();
            async move { Ok(ops.answer(&request).await) }
        },
    ));
    let serving = {
        let public = public.clone();
        tokio::spawn(serve::serve(
            public_listener,
            Limits { connections_max: config.connections_max },
            stopping,
            move |peer, request| public.clone().answer(peer, request),
        ))
    };
    announce(&serde_json::json!({
        "ready": "collector",
        "public": public_address.to_string(),
        "ops": ops_address.to_string(),
    }))?;

    told_to_stop.await;
    info!("stopping: no new connections, open requests end");
    stop.send_replace(true);
    for task in [serving, serving_ops, counting, forgetting, erasing, following, beating] {
        ended(task).await;
    }
    if tokio::time::timeout(FORWARDING_MAX, forwarding).await.is_err() {
        warn!("a request to Metrika is still under way; the next start takes it for ambiguous");
    }
    // Every request has ended, so this is the last handle to the spool.
    let sealed = match Arc::try_unwrap(public) {
        Ok(public) => {
            put_ledger(&public).await;
            tokio::task::spawn_blocking(move || public.acceptor.spool.close()).await?;
            true
        }
        Err(_) => {
            warn!("a request is still running; the spool is sealed at the next start");
            false
        }
    };
    // The shipper ends first: two at once would send a segment twice.
    stop_shipping.send_replace(true);
    ended(storing).await;
    match tokio::time::timeout(FLUSH_MAX, shipper.ship_all(true)).await {
        Ok(Ok(())) => info!("everything has been shipped"),
        Ok(Err(_)) | Err(_) => info!("the spool keeps what ClickHouse did not take"),
    }
    if sealed && let Err(failure) = directory.mark_clean() {
        warn!(error = %failure, "the spool could not be marked; the next start looks at every segment");
    }
    Ok(())
}

/// Where the keys lie: in the owner's folder, with the launcher, or here alone.
fn vault(key_dir: Option<&Path>, held: Option<OwnedFd>) -> Result<Vault, VaultError> {
    match (key_dir, held) {
        (Some(folder), _) => Vault::in_folder(folder, KEYS_MAX),
        (None, Some(file)) => Vault::handed_over(file, KEYS_MAX),
        (None, None) => Vault::in_memory(KEYS_MAX),
    }
}

/// Brings the schema up to date, however long ClickHouse is away. False: told to
/// stop meanwhile.
async fn migrate(store: &Store, mut stop: watch::Receiver<bool>) -> bool {
    let mut told = false;
    while !*stop.borrow() {
        match store.migrate().await {
            Ok(()) => return true,
            Err(failure) => {
                if !told || !failure.retry_helps() {
                    warn!(error = ?failure, "the schema is not ready; events wait in the spool");
                    told = true;
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(MIGRATE_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
    false
}

async fn flush_ledger(public: Arc<Public>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(LEDGER_EVERY) => {}
            _ = stop.changed() => {}
        }
        put_ledger(&public).await;
    }
}

/// Hands counted refusals to the spool; what it does not take is counted again.
async fn put_ledger(public: &Public) {
    let counts = public.acceptor.ledger.take();
    if counts.is_empty() {
        return;
    }
    if !public.acceptor.spool.store(counts.iter().collect(), Weight::Count).await {
        public.acceptor.ledger.put_back(counts);
    }
}

fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn ended(task: JoinHandle<()>) {
    // Without the error: it repeats what a panic said, which may quote a request. The
    // panic's place is in the log already.
    if let Err(failure) = task.await {
        warn!(panicked = failure.is_panic(), "a task did not end as it should");
    }
}

/// One line of JSON on standard output, for the launcher.
fn announce(line: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("cannot announce readiness")
}
