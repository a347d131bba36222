//! libchdb's C functions, and nothing else: the only file of the engine with
//! `unsafe`. Signatures are those of chdb.h of chdb-core 26.7.
//!
//! Promises: a handle is destroyed exactly once, a connection is used by one
//! statement at a time (its methods take `&mut self` or consume it), and a stream
//! that is dropped half-way is cancelled. Never unloads the library: ClickHouse's
//! own threads and exit handlers would run into unmapped code.

#![expect(unsafe_code, reason = "the engine is a C library; every call stands in this one file")]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    path::Path,
    ptr::NonNull,
    slice,
};

use libloading::Symbol;

/// What the engine says when it refuses: `Code: 60. DB::Exception: …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(pub(super) String);

/// The library cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[error("the engine's library cannot be loaded")]
pub struct LibraryError(#[from] libloading::Error);

type Handle = *mut c_void;
type Bytes = *const c_char;

/// What `chdb_classify_query_n` fills in (`chdb_query_analysis_v1`).
#[repr(C)]
#[derive(Default)]
struct RawAnalysis {
    struct_size: u32,
    statement_count: u32,
    flags: u32,
    query_class: u32,
}

/// What the engine's own parser says of a text, without running it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Analysis {
    pub(super) statements: u32,
    pub(super) effect: Effect,
}

/// `chdb_query_class`: what a statement does to state that outlives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    ReadOnly,
    ChangesDatabase,
    /// Functions, users, named collections: beside the databases.
    ChangesServer,
    /// SET, USE, SYSTEM, KILL, BACKUP, INTO OUTFILE, INSERT INTO FUNCTION, …
    Control,
    /// Did not parse, or is nothing this version of the engine knows to classify.
    Unknown,
}

macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        struct Functions { $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)* }

        impl Functions {
            fn look_up(library: &libloading::Library) -> Result<Functions, libloading::Error> {
                // SAFETY: each name is declared in chdb.h with exactly this signature.
                unsafe {
                    $(let $name: Symbol<unsafe extern "C" fn($($argument),*) $(-> $result)?> =
                        library.get(stringify!($name))?;)*
                    Ok(Functions { $($name: *$name,)* })
                }
            }
        }
    };
}

functions! {
    chdb_set_signal_handlers_enabled: fn(c_int);
    chdb_connect: fn(c_int, *mut Bytes) -> *mut Handle;
    chdb_close_conn: fn(*mut Handle);
    chdb_shutdown: fn() -> c_int;
    chdb_classify_query_n: fn(Handle, Bytes, usize, Bytes, usize, *mut RawAnalysis) -> c_int;
    chdb_query_with_params_n:
        fn(Handle, Bytes, usize, Bytes, usize, *const Bytes, *const usize, *const Bytes, *const usize, usize) -> Handle;
    chdb_stream_query_with_params_n:
        fn(Handle, Bytes, usize, Bytes, usize, *const Bytes, *const usize, *const Bytes, *const usize, usize) -> Handle;
    chdb_stream_fetch_result: fn(Handle, Handle) -> Handle;
    chdb_stream_cancel_query: fn(Handle, Handle);
    chdb_stream_insert_with_params_n:
        fn(Handle, Bytes, usize, Bytes, usize, *const Bytes, *const usize, *const Bytes, *const usize, usize) -> Handle;
    chdb_stream_append: fn(Handle, *const c_void, usize) -> c_int;
    chdb_stream_done: fn(Handle) -> Handle;
    chdb_stream_insert_error: fn(Handle) -> Bytes;
    chdb_destroy_insert_stream: fn(Handle);
    chdb_result_buffer: fn(Handle) -> Bytes;
    chdb_result_length: fn(Handle) -> usize;
    chdb_result_error: fn(Handle) -> Bytes;
    chdb_result_storage_rows_read: fn(Handle) -> u64;
    chdb_result_storage_bytes_read: fn(Handle) -> u64;
    chdb_result_rows_written: fn(Handle) -> u64;
    chdb_result_bytes_written: fn(Handle) -> u64;
    chdb_destroy_query_result: fn(Handle);
}

/// The loaded library. Cheap to copy; lives as long as the process.
#[derive(Clone, Copy)]
pub(super) struct Library(&'static Functions);

impl Library {
    /// Loads `path` and turns its signal handlers off.
    pub(super) fn open(path: &Path) -> Result<Library, LibraryError> {
        // SAFETY: libchdb's initialisers start no thread and touch nothing of ours;
        // whether the file is libchdb at all is the caller's to know.
        let library = unsafe { libloading::Library::new(path) }?;
        let functions = Functions::look_up(&library)?;
        // SAFETY: takes an integer; called before the first connection, as chdb.h asks.
        unsafe { (functions.chdb_set_signal_handlers_enabled)(0) };
        // Never closed, see the head of this file.
        std::mem::forget(library);
        Ok(Library(Box::leak(Box::new(functions))))
    }

    /// Opens a connection; the first one starts the engine. `None` if the engine
    /// refuses, which it explains on stderr.
    pub(super) fn connect(self, arguments: &[CString]) -> Option<Connection> {
        let mut argv: Vec<Bytes> = arguments.iter().map(|argument| argument.as_ptr()).collect();
        let argc = c_int::try_from(argv.len()).ok()?;
        // SAFETY: argv has argc NUL-terminated strings that outlive the call; the
        // engine copies them.
        let handle = unsafe { (self.0.chdb_connect)(argc, argv.as_mut_ptr()) };
        NonNull::new(handle).map(|handle| Connection { library: self, handle })
    }

    /// Stops the engine's threads. `false` while a connection is still open.
    pub(super) fn shut_down(self) -> bool {
        // SAFETY: may be called from any thread at any time; refuses by itself when
        // connections are open.
        unsafe { (self.0.chdb_shutdown)() == 0 }
    }
}

/// A connection with settings of its own. Closed when dropped.
pub(super) struct Connection {
    library: Library,
    handle: NonNull<Handle>,
}

// SAFETY: chdb.h calls the connection's functions thread-safe; they hold no state of
// the calling thread. `&mut self` and ownership keep it to one statement at a time.
unsafe impl Send for Connection {}

impl Connection {
    fn raw(&self) -> Handle {
        // SAFETY: chdb_connect returned a valid pointer to the connection, which stays
        // valid until chdb_close_conn.
        unsafe { *self.handle.as_ptr() }
    }

    /// What the engine's parser makes of `sql`.
    pub(super) fn classify(&mut self, sql: &[u8]) -> Analysis {
        let mut raw = RawAnalysis { struct_size: size_of::<RawAnalysis>() as u32, ..RawAnalysis::default() };
        // SAFETY: sql is readable for its length, the database may be null, and raw
        // states its own size.
        let outcome = unsafe {
            (self.library.0.chdb_classify_query_n)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                std::ptr::null(),
                0,
                &raw mut raw,
            )
        };
        let effect = match (outcome, raw.query_class) {
            (0, 0) => Effect::ReadOnly,
            (0, 1) => Effect::ChangesDatabase,
            (0, 2) => Effect::ChangesServer,
            (0, 3) => Effect::Control,
            _ => Effect::Unknown,
        };
        Analysis { statements: raw.statement_count, effect }
    }

    /// Runs one statement and holds its whole answer.
    pub(super) fn query(&mut self, sql: &[u8], format: &str, params: &Params) -> Result<Answer, Refusal> {
        // SAFETY: all buffers are readable for their lengths during the call.
        let handle = unsafe { params.call(self.library.0.chdb_query_with_params_n, self.raw(), sql, format) };
        Answer::of(self.library, handle)
    }

    /// Runs one SELECT whose answer is fetched block by block.
    pub(super) fn stream(self, sql: &[u8], format: &str, params: &Params) -> Result<Rows, Refusal> {
        // SAFETY: as in `query`; the engine copies the parameters before it returns.
        let handle =
            unsafe { params.call(self.library.0.chdb_stream_query_with_params_n, self.raw(), sql, format) };
        let query = Answer::of(self.library, handle)?;
        Ok(Rows { query, connection: self, is_over: false })
    }

    /// Begins an INSERT whose data follow in pieces. `sql` has no FORMAT and no data.
    pub(super) fn insert(self, sql: &[u8], format: &str, params: &Params) -> Result<Insertion, Refusal> {
        // SAFETY: as in `query`. Never returns null.
        let handle =
            unsafe { params.call(self.library.0.chdb_stream_insert_with_params_n, self.raw(), sql, format) };
        let insertion = Insertion { connection: self, handle };
        match insertion.error() {
            None => Ok(insertion),
            Some(refusal) => Err(refusal),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the handle came from chdb_connect and is closed only here; streams on
        // it own the connection and are destroyed first.
        unsafe { (self.library.0.chdb_close_conn)(self.handle.as_ptr()) };
    }
}

/// Named parameters of a statement, in ClickHouse's escaped text form.
#[derive(Debug, Default, Clone)]
pub(super) struct Params(Vec<(String, String)>);

type WithParams = unsafe extern "C" fn(
    Handle,
    Bytes,
    usize,
    Bytes,
    usize,
    *const Bytes,
    *const usize,
    *const Bytes,
    *const usize,
    usize,
) -> Handle;

impl Params {
    pub(super) fn push(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// # Safety
    /// `function` must be one of the `…_with_params_n` functions and `connection` open.
    unsafe fn call(&self, function: WithParams, connection: Handle, sql: &[u8], format: &str) -> Handle {
        let names: Vec<Bytes> = self.0.iter().map(|(name, _)| name.as_ptr().cast()).collect();
        let name_lengths: Vec<usize> = self.0.iter().map(|(name, _)| name.len()).collect();
        let values: Vec<Bytes> = self.0.iter().map(|(_, value)| value.as_ptr().cast()).collect();
        let value_lengths: Vec<usize> = self.0.iter().map(|(_, value)| value.len()).collect();
        // SAFETY: four arrays of the same length, each pointer readable for its length.
        unsafe {
            function(
                connection,
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                names.as_ptr(),
                name_lengths.as_ptr(),
                values.as_ptr(),
                value_lengths.as_ptr(),
                self.0.len(),
            )
        }
    }
}

/// An answer, or one block of it. Its bytes stay where the engine wrote them.
pub(super) struct Answer {
    library: Library,
    handle: Handle,
}

// SAFETY: a result is a plain object on the engine's heap, tied to no thread, and
// only read through `&self`.
unsafe impl Send for Answer {}
// SAFETY: as above; the reading functions change nothing.
unsafe impl Sync for Answer {}

impl Answer {
    fn of(library: Library, handle: Handle) -> Result<Answer, Refusal> {
        let answer = Answer { library, handle };
        // SAFETY: null results are answered with null by the engine; the string lives
        // as long as the result.
        match unsafe { text((library.0.chdb_result_error)(handle)) } {
            Some(message) => Err(Refusal(message)),
            None => Ok(answer),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: buffer and length belong together and live as long as the result.
        unsafe {
            let length = (self.library.0.chdb_result_length)(self.handle);
            let buffer = (self.library.0.chdb_result_buffer)(self.handle);
            if buffer.is_null() || length == 0 { &[] } else { slice::from_raw_parts(buffer.cast(), length) }
        }
    }

    pub(super) fn progress(&self) -> Progress {
        let functions = self.library.0;
        // SAFETY: plain reads of a live result.
        unsafe {
            Progress {
                read_rows: (functions.chdb_result_storage_rows_read)(self.handle),
                read_bytes: (functions.chdb_result_storage_bytes_read)(self.handle),
                written_rows: (functions.chdb_result_rows_written)(self.handle),
                written_bytes: (functions.chdb_result_bytes_written)(self.handle),
            }
        }
    }
}

impl AsRef<[u8]> for Answer {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // SAFETY: destroyed only here.
        unsafe { (self.library.0.chdb_destroy_query_result)(self.handle) };
    }
}

/// What a statement has read and written, for `X-ClickHouse-Summary`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) read_rows: u64,
    pub(super) read_bytes: u64,
    pub(super) written_rows: u64,
    pub(super) written_bytes: u64,
}

/// The blocks of a running SELECT. Dropped early, it cancels the SELECT.
pub(super) struct Rows {
    // Before the connection, so that it is destroyed first.
    query: Answer,
    connection: Connection,
    is_over: bool,
}

impl Rows {
    /// Waits for the next block; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Answer>, Refusal> {
        // SAFETY: the stream's handle and its connection are alive; `&mut self`
        // serialises the fetches.
        let handle = unsafe {
            (self.connection.library.0.chdb_stream_fetch_result)(self.connection.raw(), self.query.handle)
        };
        let block = Answer::of(self.connection.library, handle).inspect_err(|_| self.is_over = true)?;
        self.is_over = block.bytes().is_empty();
        Ok(Some(block).filter(|_| !self.is_over))
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        if !self.is_over {
            // SAFETY: both are alive; they are destroyed by their own drops after this.
            unsafe {
                (self.connection.library.0.chdb_stream_cancel_query)(self.connection.raw(), self.query.handle)
            };
        }
    }
}

/// An INSERT that takes data. Dropped before `finish`, it is cancelled and leaves
/// no part behind, except for blocks it has already written.
pub(super) struct Insertion {
    connection: Connection,
    handle: Handle,
}

// SAFETY: the handle is used by one thread at a time (`&mut self`).
unsafe impl Send for Insertion {}

impl Insertion {
    /// Hands over a piece; waits while the engine has enough to do. An error's cause
    /// comes from `finish`.
    pub(super) fn append(&mut self, piece: &[u8]) -> bool {
        // SAFETY: the engine copies the piece before it returns.
        unsafe {
            (self.connection.library.0.chdb_stream_append)(self.handle, piece.as_ptr().cast(), piece.len())
                == 0
        }
    }

    /// Commits what was appended, or says why it cannot be.
    pub(super) fn finish(self) -> Result<Answer, Refusal> {
        // SAFETY: the handle is alive; finishing twice is impossible, `self` is consumed.
        let handle = unsafe { (self.connection.library.0.chdb_stream_done)(self.handle) };
        Answer::of(self.connection.library, handle)
    }

    fn error(&self) -> Option<Refusal> {
        // SAFETY: the string belongs to the stream and is copied at once.
        unsafe { text((self.connection.library.0.chdb_stream_insert_error)(self.handle)) }.map(Refusal)
    }
}

impl Drop for Insertion {
    fn drop(&mut self) {
        // SAFETY: destroyed only here, before its connection; cancels first when it was
        // not finished.
        unsafe { (self.connection.library.0.chdb_destroy_insert_stream)(self.handle) };
    }
}

/// Copies a C string of the engine's.
///
/// # Safety
/// `pointer` is null or a NUL-terminated string.
unsafe fn text(pointer: Bytes) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: promised by the caller.
    Some(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}
