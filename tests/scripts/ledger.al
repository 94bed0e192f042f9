# The ledger and its synchronisation
on error call failed
if $DB_TYPE == psql then
<do connect dbms blockchain where
    type=psql and
    user=$DB_USER and
    password=$DB_PASSWD and
    ip=$DB_IP and
    port=$DB_PORT>
else connect dbms blockchain where type=sqlite
is_table = info table blockchain ledger exists
if !is_table == false then create table ledger where dbms=blockchain
<run blockchain sync where
    source=master and
    time="30 seconds" and
    dest=file and
    connection=!ledger_conn>
end script

:failed:
echo "the ledger is not available"
return
