# shellcheck shell=bash
# What a bench needs: wrk, the ClickHouse library, the program, and the benches themselves.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# shellcheck source=deploy/setup/progress.sh
. deploy/setup/progress.sh
# shellcheck source=deploy/setup/tools.sh
. deploy/setup/tools.sh
# shellcheck source=deploy/setup/artifacts.sh
. deploy/setup/artifacts.sh
# shellcheck source=deploy/setup/build.sh
. deploy/setup/build.sh

ensure_tools
command -v wrk >/dev/null || apt_install wrk
artifacts_are_there || artifacts_are_given || artifacts_fetch
artifacts_export
build_script
build_pages
build_program
cargo build --release --workspace --bins --locked
export MOSTIK_BIN=$target/release/mostik MOSTIK_LOG=${MOSTIK_LOG:-warn}
