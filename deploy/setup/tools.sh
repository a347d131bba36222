# shellcheck shell=bash
# The programs a build needs. As root on a Debian-like system what apt has in a
# sufficient version is installed; for the rest there is one line each that says how.

# The oldest versions that work: `rust-version` in Cargo.toml, `engines` in package.json.
readonly rust_minor_min=89
readonly node_major_min=20

# ensure_tools: returns when all is there, ends the script with one line per missing program otherwise.
ensure_tools() {
  local missing=()
  has_cc || apt_install gcc libc6-dev || true
  has_cc || missing+=("A C compiler is missing. Debian, Ubuntu: sudo apt-get install gcc libc6-dev. Fedora: sudo dnf install gcc.")
  has_node || { apt_offers_node && apt_install nodejs npm; } || true
  has_node || missing+=("Node.js $node_major_min or newer with npm is missing: https://nodejs.org/en/download, or your system's package nodejs where it is new enough.")
  has_cargo || missing+=("Rust 1.$rust_minor_min or newer is missing: https://rustup.rs, then: rustup toolchain install stable.")
  [ ${#missing[@]} -eq 0 ] || give_up "${missing[@]}"
}

# apt_install PACKAGE…: false where that is not for us to do.
apt_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing $* with apt-get"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >&2
}

has_cc() {
  command -v cc >/dev/null
}

has_node() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    [ "$(node --print 'process.versions.node.split(".")[0]')" -ge "$node_major_min" ]
}

apt_offers_node() {
  command -v apt-cache >/dev/null || return 1
  local major
  major=$(apt-cache policy nodejs | sed -n 's/^ *Candidate: \([0-9]\+\).*/\1/p')
  [ "${major:-0}" -ge "$node_major_min" ]
}

has_cargo() {
  local version
  # rustup installs here, and a shell opened before does not have it in its PATH yet.
  [ ! -d "${CARGO_HOME:-$HOME/.cargo}/bin" ] || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  version=$(cargo --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]\+\)\..*/\1/p')
  [ "${version:-0}" -ge "$rust_minor_min" ]
}
