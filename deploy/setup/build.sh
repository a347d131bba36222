# shellcheck shell=bash
# Builds the script, the owner's pages and the program, each only when one of its inputs
# has changed since it was last built, so that a second run takes seconds and no network.

: "${root:?is set by the script that sources this file}"

target=${CARGO_TARGET_DIR:-$root/target}

# hash_of PATH…: one hash over names and contents below the paths, without what is built
# or fetched there. No git: a release archive has none.
hash_of() {
  (
    cd "$root" || exit 1
    find "$@" -name node_modules -prune -o -name dist -prune -o -name .venv -prune -o -type f -print0 |
      sort -z | xargs -0 sha256sum
  ) | sha256sum | cut -c1-64
}

# is_fresh NAME HASH OUTPUT: whether OUTPUT exists and was built from HASH.
is_fresh() {
  [ -e "$3" ] && [ "$(cat "$target/stamps/$1" 2>/dev/null)" = "$2" ]
}

# mark_fresh NAME HASH
mark_fresh() {
  mkdir -p "$target/stamps"
  printf '%s\n' "$2" >"$target/stamps/$1"
}

# node_modules FOLDER: `npm ci` when the lock file has changed.
node_modules() {
  local name hash
  name=$(printf '%s-modules' "$1" | tr / -)
  hash=$(hash_of "$1/package.json" "$1/package-lock.json")
  ! is_fresh "$name" "$hash" "$root/$1/node_modules" || return 0
  npm ci --prefix "$root/$1" --no-audit --no-fund
  mark_fresh "$name" "$hash"
}

# build_node FOLDER OUTPUT: `npm run build` when anything has changed.
build_node() {
  local folder=$1 output=$root/$1/$2 name hash
  name=$(printf '%s' "$folder" | tr / -)
  hash=$(hash_of "$folder")
  ! is_fresh "$name" "$hash" "$output" || return 0
  node_modules "$folder"
  npm run --prefix "$root/$folder" build
  [ -e "$output" ] || {
    printf '%s was not built by npm run build in %s\n' "$output" "$folder"
    return 1
  }
  mark_fresh "$name" "$hash"
}

build_script() {
  build_node sdk-js dist/i.js
}

build_pages() {
  build_node dashboard/ui dist/index.html
}

# program_hash: what the program is made from; the built script and pages are in it.
program_hash() {
  local rust
  rust=$(rustc --version)
  {
    printf '%s\n' "$rust"
    hash_of Cargo.toml Cargo.lock store collector dashboard deploy/mostik
    (cd "$root" && find sdk-js/dist dashboard/ui/dist -type f -print0 | sort -z | xargs -0 sha256sum)
  } | sha256sum | cut -c1-64
}

# build_leaky: the same program with a promise broken on purpose, for the tests of `mostik
# privacy verify`. Put aside before the program itself is built; it is never shipped.
build_leaky() {
  local hash
  hash=$(program_hash)
  ! is_fresh leaky "$hash" "$target/leaky/mostik" || return 0
  (cd "$root" && cargo build --release --locked --workspace --bin mostik --features mostik/leaky)
  mkdir -p "$target/leaky"
  cp "$target/release/mostik" "$target/leaky/mostik.new"
  mv "$target/leaky/mostik.new" "$target/leaky/mostik"
  # What stands in release/ now is the leaky one.
  rm -f "$target/release/mostik"
  mark_fresh leaky "$hash"
}

# For the whole workspace, as the tests are built: dependencies with other features would be
# compiled once more.
build_program() {
  local hash
  hash=$(program_hash)
  ! is_fresh program "$hash" "$target/release/mostik" || return 0
  (cd "$root" && cargo build --release --locked --workspace --bin mostik)
  mark_fresh program "$hash"
}

# build_metrika: the fake of the tests, for the demo.
build_metrika() {
  local hash
  hash=$(hash_of Cargo.lock tests/fakes/metrika)
  ! is_fresh metrika "$hash" "$target/release/fake-metrika" || return 0
  (cd "$root" && cargo build --release --locked --workspace --bin fake-metrika)
  mark_fresh metrika "$hash"
}
