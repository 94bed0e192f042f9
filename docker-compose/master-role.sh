#!/bin/sh
# Runs once, when the container of PostgreSQL makes its data: gives the master a role of its own, which owns the database and
# is no superuser, and the login that it reads the ledger with for `sql`, which may do nothing else.
set -eu

if [ "$MASTER_USER" = "$POSTGRES_USER" ]; then
    echo "master-role: DB_USER is the administrator of the server; choose another name, so that the master is no superuser" >&2
    exit 0
fi

# The master computes the same password for this login: nobody has to write it down.
reader_passwd=$(printf 'anylog-master reader\0%s\0%s\0%s' "$POSTGRES_DB" "$MASTER_USER" "$MASTER_PASSWD" | sha256sum | cut -d ' ' -f 1)
export reader_passwd

# psql has a shell read the passwords: what a program is started with stands in the list of processes.
psql -v ON_ERROR_STOP=1 --quiet --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v master="$MASTER_USER" -v reader="${MASTER_USER}_reader" -v db="$POSTGRES_DB" -v admin="$POSTGRES_USER" <<'SQL'
\set passwd `printf %s "$MASTER_PASSWD"`
\set reader_passwd `printf %s "$reader_passwd"`
CREATE ROLE :"master" LOGIN PASSWORD :'passwd';
ALTER DATABASE :"db" OWNER TO :"master";
CREATE ROLE :"reader" LOGIN NOINHERIT PASSWORD :'reader_passwd';
ALTER ROLE :"reader" SET temp_file_limit = '256MB';
-- Nobody logs in as the administrator over the network.
ALTER ROLE :"admin" PASSWORD NULL;
SQL
