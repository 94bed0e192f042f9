# Environment → dictionary
on error ignore

if not $NODE_TYPE then goto no-type
node_type = $NODE_TYPE
if !node_type != master then goto other-type

node_name = "a master"
if $NODE_NAME then node_name = $NODE_NAME
set node name !node_name

company_name = "New Company"
if $COMPANY_NAME then company_name = $COMPANY_NAME
hostname = get hostname

anylog_server_port = $ANYLOG_SERVER_PORT
anylog_rest_port = $ANYLOG_REST_PORT

tcp_bind = false
if $TCP_BIND == true then tcp_bind = true

loc_info = rest get where url = https://localhost.invalid/json
if !loc_info then loc = from !loc_info bring [loc]
else loc = "0.0, 0.0"

if $OVERLAY_IP then
do overlay_ip = $OVERLAY_IP
do ledger_conn = !overlay_ip + ":" + !anylog_server_port
else ledger_conn = !ip + ":" + !anylog_server_port

config_version = system grep -m1 "^version" !local_scripts/setup.cfg | awk -F " = " '{print $2}' | xargs
end script

:no-type:
print "NODE_TYPE is not set"
exit scripts

:other-type:
print "these scripts start a master, not a node of type" !node_type
exit scripts
