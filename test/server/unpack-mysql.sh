#!/usr/bin/env bash
# Unpacks the newest MySQL server and client of Debian unstable into an empty folder: unpack-mysql.sh FOLDER
# It changes no package of the machine and needs no root: test/support/sql-server.ts starts the programs with the
# loader and libraries of the folder. Fails with a reason on standard error if the packages are not available.
set -euo pipefail
folder=$(realpath "$1")
packages=(mysql-server-core mysql-client-core)

fail() {
  echo "MySQL cannot be unpacked: $1" >&2
  exit 1
}

for command in apt-get dpkg; do
  command -v "$command" > /dev/null || fail "$command is not installed"
done
. /etc/os-release
[[ ${ID:-} == debian ]] || fail "this is ${ID:-an unknown system}, not Debian"

# The mirror that this machine already uses for its own release.
mirror=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' |
  awk -v release="$VERSION_CODENAME" '$2 == "main" && ($1 == release || $1 == "stable") && !found++ { print $3 }')
[[ -n $mirror ]] || fail "no apt source for $VERSION_CODENAME is configured"

apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt"/{state/lists/partial,cache/archives/partial,none}
chmod 755 "$apt"
: > "$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$apt/sources.list"
# With an empty status nothing counts as installed, so apt chooses all dependencies.
cat > "$apt/apt.conf" <<END
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/none";
Dir::Etc::preferencesparts "$apt/none";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
END
export APT_CONFIG="$apt/apt.conf"
{ apt-get update && apt-get install --yes --download-only "${packages[@]}"; } > "$apt/log" 2>&1 ||
  fail "$(tail -n 5 "$apt/log")"

for package in "$apt"/cache/archives/*.deb; do dpkg --extract "$package" "$folder"; done
[[ -x $folder/usr/sbin/mysqld ]] || fail 'the packages hold no mysqld'
