//! Every limit of the engine's HTTP interface. `docs/engine.md` shows them as a table.

use std::time::Duration;

/// Largest statement, in bytes, inline data of an INSERT not counted. ClickHouse's own
/// `max_query_size` is 256 KiB; above it a client must raise that setting as well.
pub(super) const QUERY_BYTES_MAX: usize = 1 << 20;

/// Request line and headers, in bytes, and hyper's read buffer. Clients that put the
/// statement into the URL need more than usual; the URL itself hyper ends at 64 KiB.
pub(super) const HEADER_BYTES_MAX: usize = 256 << 10;

/// Named parameters and settings of one request. Ours send below 20; a client that
/// binds a list element by element may send hundreds.
pub(super) const PARAMS_MAX: usize = 1024;

/// A multipart form, in bytes: a statement and its parameters.
pub(super) const FORM_BYTES_MAX: usize = 8 << 20;

/// How long the request line and headers may take.
pub(super) const HEADER_READ_MAX: Duration = Duration::from_secs(10);

/// How long a body may stand still. A client that streams an INSERT may think for a
/// while, but the table's data and one engine slot wait with it.
pub(super) const BODY_PAUSE_MAX: Duration = Duration::from_secs(300);

/// How long a client may leave an answer unread before it is taken to have left: a
/// stuck client must not hold an engine slot for ever.
pub(super) const ANSWER_PAUSE_MAX: Duration = Duration::from_secs(300);

/// Open HTTP connections. Ours need a dozen; the rest is room for clients that pool.
pub(super) const CONNECTIONS_MAX: usize = 256;

/// How long a statement waits for a free slot before it is told `TOO_MANY_SIMULTANEOUS_QUERIES`.
pub(super) const SLOT_WAIT_MAX: Duration = Duration::from_secs(10);

/// Body pieces waiting between a socket and the engine, either way. Each is at most as
/// large as hyper's read buffer (INSERT) or one block of an answer (SELECT).
pub(super) const PIECES_WAITING_MAX: usize = 4;

/// Compressed bodies that are unpacked at the same time; more wait. Each has a thread.
pub(super) const UNPACKERS_MAX: usize = 16;

/// Size of the pieces a compressed body is unpacked into, in bytes: LZ4's own blocks are
/// 64 KiB unless a client chooses larger ones.
pub(super) const UNPACKED_PIECE_BYTES: usize = 64 << 10;

/// After a failed INSERT the rest of its body is read and thrown away up to here, in
/// bytes, so that the client reads our answer instead of a reset.
pub(super) const BODY_DRAIN_BYTES_MAX: u64 = 64 << 20;

/// Formats that cannot be answered block by block are held whole; this bounds them, in
/// bytes of the engine's own representation, unless the client sets `max_result_bytes`.
pub(super) const HELD_ANSWER_BYTES_MAX: u64 = 256 << 20;

/// How long open statements may go on after SIGTERM; then they are killed.
pub(super) const DRAIN_MAX: Duration = Duration::from_secs(10);

/// How long killed statements and the engine's own shutdown may take; then the process
/// ends without them, which ClickHouse survives by design.
pub(super) const STOP_MAX: Duration = Duration::from_secs(15);

/// Stack of a thread that runs statements, in bytes. ClickHouse's parser recurses and
/// checks against the thread's real stack; its own threads have 8 MiB.
pub(super) const STACK_BYTES: usize = 8 << 20;
